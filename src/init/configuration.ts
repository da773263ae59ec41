import { GitmendError } from '../core/errors.ts';
import { editYaml } from '../editors/yaml.ts';
import { type Answers, variables } from './answers.ts';

/** The template's gitmend.yaml with the answers in it; every comment stays. */
export function configurationOf(template: string, answers: Answers): string {
  const { cluster, people, runner, prometheus, alertmanager } = answers;
  const exporters = cluster.exporters.length > 0 ? cluster.exporters : [hostOf(cluster.endpoint)];
  const first = ['clusters', 0] as const;
  const edited = editYaml(template, [
    { path: ['forge'], value: forgeOf(answers.forge) },
    { path: ['runner'], value: runner },
    { path: ['approvers'], value: [...people] },
    { path: [...first, 'name'], value: cluster.name },
    { path: [...first, 'endpoint'], value: cluster.endpoint },
    { path: [...first, 'exporters'], value: [...exporters] },
  ]);
  const trusted =
    cluster.fingerprint === undefined
      ? edited
      : replaceLine(
          edited,
          '    ca:',
          `    fingerprint: "${cluster.fingerprint}"   # SHA-256 of its certificate; or ca: (a PEM here)`,
        );
  const watched =
    prometheus === undefined
      ? trusted
      : replaceLine(trusted, '# prometheus:', `prometheus: { url: ${JSON.stringify(prometheus)} }`);
  if (alertmanager === undefined) return watched;
  const line = `alertmanager: { url: ${JSON.stringify(alertmanager)}, doorToken: env:${variables.door} }`;
  return replaceLine(watched, '# alertmanager:', line);
}

/** What is no address is for `gitmend check` to say. */
export function hostOf(endpoint: string): string {
  return URL.parse(endpoint)?.hostname ?? 'pve';
}

function forgeOf(forge: Answers['forge']): { [key: string]: string | { [key: string]: string } } {
  if (forge.kind === 'local') return { kind: 'local' };
  return {
    kind: forge.kind,
    ...(forge.url === undefined ? {} : { url: forge.url }),
    repository: forge.repository,
    ...(forge.app === undefined
      ? { token: `env:${variables[forge.kind]}` }
      : { app: { id: forge.app, key: `env:${variables.githubApp}` } }),
    webhookSecret: `env:${variables.webhook}`,
  };
}

/** The one line that begins so. The template is ours: where it has none, it was changed without this. */
function replaceLine(text: string, beginning: string, line: string): string {
  const lines = text.split('\n');
  const index = lines.findIndex((one) => one.startsWith(beginning));
  if (index < 0) throw new GitmendError('INTERNAL', `the template's gitmend.yaml has no line "${beginning.trim()}"`);
  return lines.with(index, line).join('\n');
}
