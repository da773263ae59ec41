import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { ansibleOn, type AnsibleSetting, programVersion } from '../../../src/appliers/ansible/index.ts';
import { config, playbook, workOn } from './lab.ts';

const tree = new Map([
  ['ansible/inventory.yaml', 'all:\n  hosts:\n    one: {}\n'],
  ['ansible/known_hosts', ''],
  [playbook, '- hosts: all\n  tasks: []\n'],
]);

let folder = '';
beforeEach(() => {
  const made = mkdtempSync(join(tmpdir(), 'gitmend-ansible-errors-'));
  folder = made;
  onTestFinished(() => rmSync(made, { recursive: true }));
});

/** A program in place of ansible-playbook, which says that it is new enough. */
function program(body: string, version = '2.14.18'): string {
  const path = join(folder, 'program');
  writeFileSync(
    path,
    `#!/bin/sh\n[ "$1" = --version ] && { echo 'ansible-playbook [core ${version}]'; exit 0; }\n${body}\n`,
  );
  chmodSync(path, 0o700);
  return path;
}

function engineOn(path: string, more: Partial<AnsibleSetting> = {}, timeout = 30) {
  const credentials = { environment: { SMTP_PASSWORD: 'smtp-hush-hush' } };
  return ansibleOn({ config: { ...config, program: path, timeout }, credentials, root: join(folder, 'runs'), ...more });
}

it.each([
  ['ANSIBLE_MISSING', () => join(folder, 'absent')],
  ['ANSIBLE_TOO_OLD', () => program('exit 0', '2.13.9')],
  ['ANSIBLE_FAILED', () => program('echo "ERROR! no such thing smtp-hush-hush" >&2; exit 4')],
  ['ANSIBLE_OUTPUT_UNREADABLE', () => program('echo x > "$GITMEND_ANSIBLE_EVENTS"')],
  [
    'ANSIBLE_COLLECTION_MISSING',
    () =>
      program(
        `printf '%s\\n' '{"event":"start","core":"2","collections":{"a.b":null}}' '{"event":"end","hosts":{}}' > "$GITMEND_ANSIBLE_EVENTS"`,
      ),
  ],
])('%s', async (code, path) => {
  const error: unknown = await engineOn(path())
    .check(workOn(tree))
    .catch((one: unknown) => one);
  expect(error).toMatchObject({ code });
  expect(String(error)).not.toContain('hush');
  expect(existsSync(join(folder, 'runs')) ? readdirSync(join(folder, 'runs')) : []).toEqual([]);
});

/** What ignores an interrupt, and has a child that does: neither outlives the run. */
const deaf = (): string => `trap '' INT; sleep 500 & echo $! > ${join(folder, 'child')}; wait`;

function childIsAlive(): boolean {
  try {
    return (
      readFileSync(`/proc/${readFileSync(join(folder, 'child'), 'utf8').trim()}/stat`, 'utf8').split(' ')[2] !== 'Z'
    );
  } catch {
    return false;
  }
}

it('ANSIBLE_TIMEOUT where it takes too long: what ignores the interrupt is killed with its children', async () => {
  const path = program(deaf());
  await expect(engineOn(path, { grace: 0.3 }, 1).check(workOn(tree))).rejects.toMatchObject({
    code: 'ANSIBLE_TIMEOUT',
  });
  expect(childIsAlive()).toBe(false);
}, 20_000);

it('the interrupt comes first, and what ends by it had its time', async () => {
  const path = program(`trap 'echo interrupted > ${join(folder, 'said')}; exit 3' INT; while :; do sleep 0.05; done`);
  await expect(engineOn(path, { grace: 40 }, 1).check(workOn(tree))).rejects.toMatchObject({ code: 'ANSIBLE_TIMEOUT' });
  expect(readFileSync(join(folder, 'said'), 'utf8')).toBe('interrupted\n');
});

it('ANSIBLE_KILLED where gitmend is stopped, and what the run was given is gone', async () => {
  const signal = AbortSignal.timeout(300);
  const running = engineOn(program('sleep 500'), { signal, grace: 0.3 }).check(workOn(tree));
  await expect(running).rejects.toMatchObject({ code: 'ANSIBLE_KILLED' });
  expect(readdirSync(join(folder, 'runs'))).toEqual([]);
}, 20_000);

it('what is refused is never started', async () => {
  const started = join(folder, 'started');
  const engine = engineOn(program(`touch ${started}; exit 1`));
  const evil = new Map([...tree, ['ansible/host_vars/one.yaml', 'ansible_connection: local\n']]);
  await expect(engine.check(workOn(evil, { before: tree }))).rejects.toMatchObject({
    code: 'ANSIBLE_REFUSED',
    message: expect.stringContaining(
      'ansible/host_vars/one.yaml:1: ansible_connection may not be set to this: it decides where',
    ) as string,
  });
  await expect(engine.apply({ ...workOn(evil), hosts: ['one'] })).rejects.toMatchObject({ code: 'ANSIBLE_REFUSED' });
  const sealed = new Map([...tree, ['ansible/host_vars/one.yaml', 'x: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  30\n']]);
  await expect(engine.check(workOn(sealed))).rejects.toMatchObject({ code: 'ANSIBLE_VAULT_PASSWORD' });
  const keyless = new Map([...tree].filter(([path]) => path !== 'ansible/known_hosts'));
  await expect(engine.check(workOn(keyless))).rejects.toMatchObject({ code: 'ANSIBLE_HOST_KEYS_MISSING' });
  await expect(engine.apply({ ...workOn(tree), hosts: [] })).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(engine.apply({ ...workOn(tree), hosts: ['all:!one'] })).rejects.toMatchObject({ code: 'INTERNAL' });
  expect(existsSync(started)).toBe(false);
});

it('a run has an environment of its own, what it may look up, and the hosts that it is limited to', async () => {
  const seen = join(folder, 'seen');
  const path = program(
    `env > ${seen}; echo "$@" >> ${seen}; cat "$ANSIBLE_CONFIG" "$HOME/../variables.yaml" "$HOME"/../tree/ansible/host_vars/* >> ${seen}; stat -c %a "$HOME/.." >> ${seen}; exit 1`,
  );
  process.env['GITMEND_PVE_WRITE'] = 'secret';
  onTestFinished(() => {
    delete process.env['GITMEND_PVE_WRITE'];
  });
  const settings = new Map([
    ...tree,
    ['ansible/host_vars/one.yaml', `ansible_become_password: "{{ lookup('env', 'SMTP_PASSWORD') }}"\n`],
    ['ansible/ansible.cfg', '[defaults]\nforks = 3\nhost_key_checking = True\n'],
  ]);
  const named = { ...config, program: path, environment: { SMTP_PASSWORD: { env: 'X' } } };
  await engineOn(path, { config: named })
    .apply({ ...workOn(settings), hosts: ['one'] })
    .catch(() => undefined);
  const text = readFileSync(seen, 'utf8');
  expect(text).toContain('SMTP_PASSWORD=smtp-hush-hush');
  // In its environment, and neither among its words nor in a file.
  expect(text.split('smtp-hush-hush')).toHaveLength(2);
  expect(text).not.toContain('GITMEND_PVE_WRITE');
  expect(text).toContain('--limit one');
  expect(text).not.toContain('--check');
  expect(text).toContain('[defaults]\nforks = 3\n');
  expect(text).not.toContain('host_key_checking = True');
  expect(text).toContain('"ansible_connection":"ssh"');
  expect(text).toMatch(/700\n$/);
});

it('the version is read as older and newer programs print it', async () => {
  expect(await programVersion(program(''))).toBe('2.14.18');
});
