import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes description.json: of GitHub's official description (`generated/api.github.com.json` of the package
 * `@octokit/openapi`, MIT, which unpacks to 385 MB) the operations that gitmend uses, and what they refer to.
 *
 *   node tests/forges/github/extract.ts PATH/TO/api.github.com.json
 */
const used: readonly string[] = [
  'GET /app',
  'GET /user',
  'POST /app/installations/{installation_id}/access_tokens',
  'GET /orgs/{org}/teams/{team_slug}',
  'GET /orgs/{org}/teams/{team_slug}/memberships/{username}',
  'POST /user/repos',
  ...[
    'GET ',
    'GET /installation',
    'GET /collaborators/{username}/permission',
    'GET /collaborators',
    'PUT /collaborators/{username}',
    'GET /environments/{environment_name}',
    'GET /environments/{environment_name}/deployment-branch-policies',
    'GET /branches/{branch}',
    'GET /rules/branches/{branch}',
    'GET /pulls',
    'POST /pulls',
    'GET /pulls/{pull_number}',
    'PATCH /pulls/{pull_number}',
    'PUT /pulls/{pull_number}/merge',
    'GET /pulls/{pull_number}/reviews',
    'POST /pulls/{pull_number}/reviews',
    'PUT /pulls/{pull_number}/reviews/{review_id}/dismissals',
    'GET /commits/{commit_sha}/pulls',
    'GET /commits/{ref}/status',
    'GET /commits/{ref}/check-runs',
    'POST /statuses/{sha}',
    'POST /check-runs',
    'PATCH /check-runs/{check_run_id}',
    'GET /issues',
    'POST /issues',
    'GET /issues/{issue_number}',
    'PATCH /issues/{issue_number}',
    'GET /issues/{issue_number}/comments',
    'POST /issues/{issue_number}/comments',
    'POST /issues/{issue_number}/labels',
    'GET /issues/comments',
    'GET /issues/comments/{comment_id}',
    'PATCH /issues/comments/{comment_id}',
    'DELETE /issues/comments/{comment_id}',
    'POST /issues/comments/{comment_id}/reactions',
    'GET /actions/runs',
    'GET /actions/runs/{run_id}',
    'POST /actions/workflows/{workflow_id}/dispatches',
  ].map((route) => route.replace(' ', ' /repos/{owner}/{repo}')),
];

type Json = { [name: string]: unknown };
const source = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  info: { version: string };
  paths: { [path: string]: { [method: string]: Json } | undefined };
};
const schemas: { [ref: string]: Json } = {};

const operations = Object.fromEntries(
  used.map((route) => {
    const [method = '', path = ''] = route.split(' ');
    const found = source.paths[path]?.[method.toLowerCase()];
    if (found === undefined) throw new Error(`${route} is not described`);
    return [route, operationOf(found)];
  }),
);
const version = `@octokit/openapi, api.github.com, ${source.info.version}; MIT`;
const lines = (all: Json): string =>
  `{\n${Object.entries(all)
    .map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`)
    .join(',\n')}\n}`;
writeFileSync(
  join(import.meta.dirname, 'description.json'),
  `{"source":${JSON.stringify(version)},\n"operations":${lines(operations)},\n"schemas":${lines(schemas)}}\n`,
);

function operationOf(operation: Json): Json {
  const parameters = ((operation['parameters'] ?? []) as Json[]).map((one) => resolved(one));
  const query = parameters.filter((one) => one['in'] === 'query').map((one) => one['name']);
  const content = resolved((operation['requestBody'] ?? {}) as Json)['content'];
  const body = schemaIn(content);
  const answers = Object.entries(operation['responses'] as { [status: string]: Json }).map(([status, answer]) => [
    status,
    schemaIn(resolved(answer)['content']) ?? true,
  ]);
  return { query, ...(body === undefined ? {} : { body }), answers: Object.fromEntries(answers) as Json };
}

function schemaIn(content: unknown): unknown {
  const { schema } = ((content ?? {}) as { [type: string]: Json })['application/json'] ?? {};
  return schema === undefined ? undefined : trimmed(schema as Json);
}

function resolved(one: Json): Json {
  return typeof one['$ref'] === 'string' ? at(one['$ref']) : one;
}

function at(ref: string): Json {
  return ref
    .replace('#/', '')
    .split('/')
    .reduce<unknown>((value, key) => (value as Json)[key], source) as Json;
}

/** Names, types and what is required; nothing that only people read. */
function trimmed(schema: Json): Json {
  if (typeof schema['$ref'] === 'string') return { $ref: kept(schema['$ref']) };
  const result: Json = {};
  for (const key of ['type', 'enum', 'required', 'nullable'])
    if (schema[key] !== undefined && typeof schema[key] !== 'object') result[key] = schema[key];
    else if (Array.isArray(schema[key])) result[key] = schema[key];
  for (const key of ['oneOf', 'anyOf', 'allOf'])
    if (Array.isArray(schema[key])) result[key] = (schema[key] as Json[]).map(trimmed);
  const more = schema['additionalProperties'];
  if (more !== undefined) result['additionalProperties'] = typeof more === 'object' ? trimmed(more as Json) : more;
  if (schema['items'] !== undefined) result['items'] = trimmed(schema['items'] as Json);
  if (schema['properties'] !== undefined) {
    const properties = Object.entries(schema['properties'] as { [name: string]: Json });
    result['properties'] = Object.fromEntries(properties.map(([name, one]) => [name, trimmed(one)]));
  }
  return result;
}

function kept(ref: string): string {
  const name = ref.replace('#/components/schemas/', '');
  if (!(name in schemas)) {
    schemas[name] = {};
    schemas[name] = trimmed(at(ref));
  }
  return name;
}
