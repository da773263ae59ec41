import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, Hono } from 'hono';
import { smartHttp, type SmartRequest } from '../git/http-backend.ts';
import type { Ground } from '../deliver/world.ts';
import type { ServeLog } from '../serve/log.ts';
import type { Doorman } from './session.ts';

export interface GitSetup {
  ground: Pick<Ground, 'forge'>;
  people: Pick<Doorman, 'basic'>;
  log: ServeLog;
  poke: () => void;
}

/** Milliseconds for one fetch or push. */
const patience = 5 * 60_000;

/**
 * What people may push over the network is branches and tags, and nothing else: not gitmend's own refs and records, and not
 * `refs/replace`, which would show one commit in place of another. Who may write the folder itself still may, and then the
 * runner finds it out; here there is no reason to let it come so far. Of several that match git takes the last.
 */
const hidden = ['refs', '!refs/heads', '!refs/tags', 'refs/heads/gitmend/records'];

/** `git clone http://NAME@…/git/repo.git`: the local forge over the network, for those who have a token. */
export function registerGit(app: Hono<{ Bindings: HttpBindings }>, setup: GitSetup): void {
  const { forge } = setup.ground;
  if (forge.kind !== 'local') return;
  app.get('/git/repo.git/info/refs', async (c) => {
    const service = serviceOf(c.req.query('service'));
    return service === undefined
      ? c.text('only smart HTTP is spoken here\n', 403)
      : answer(c, setup, { path: 'info/refs', service });
  });
  for (const service of ['git-upload-pack', 'git-receive-pack'] as const)
    app.post(`/git/repo.git/${service}`, (c) => answer(c, setup, { path: service, service }));
}

async function answer(
  c: Context<{ Bindings: HttpBindings }>,
  setup: GitSetup,
  wanted: Pick<SmartRequest, 'path' | 'service'>,
): Promise<Response> {
  const who = await setup.people.basic(c);
  if ('status' in who)
    return c.text(`${who.why}\n`, who.status, { 'www-authenticate': 'Basic realm="gitmend"', connection: 'close' });
  if (wanted.service === 'git-receive-pack' && who.role !== 'approver')
    return c.text(`${who.name} may read, and not push\n`, 403, { connection: 'close' });
  const { incoming, outgoing } = c.env;
  const request: SmartRequest = {
    ...wanted,
    repository: setup.ground.forge.remote,
    account: who.name,
    hidden,
    defaultBranch: setup.ground.forge.defaultBranch,
    patience,
  };
  const answered = await smartHttp(incoming, outgoing, request);
  setup.log('git', { service: wanted.service, by: who.name, answered });
  if (wanted.path === 'git-receive-pack') setup.poke();
  return answered ? RESPONSE_ALREADY_SENT : c.text('git could not answer\n', 502);
}

function serviceOf(text: string | undefined): SmartRequest['service'] | undefined {
  return text === 'git-upload-pack' || text === 'git-receive-pack' ? text : undefined;
}
