import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/read.ts';
import { printFault } from '../../src/core/fault.ts';

const whole = `version: 1
forge: { kind: gitea, url: https://git.home.lan/, repository: ops/homelab, token: env:GITMEND_GITEA_TOKEN, webhookSecret: env:GITMEND_WEBHOOK_SECRET }
runner: ci
approvers: [maintainer, ann]
clusters:
  - name: home
    endpoint: https://pve1.home.lan:8006
    ca: certs/pve-root-ca.pem
    read: env:GITMEND_PVE_READ
    write: env:GITMEND_PVE_WRITE
    exporters: [pve1.home.lan]
prometheus: { url: http://prometheus.home.lan:9090 }
alertmanager: { url: http://alertmanager.home.lan:9093, doorToken: env:GITMEND_ALERT_TOKEN }
notify: [{ kind: ntfy, url: https://ntfy.home.lan/gitmend }, { kind: mail, url: "mailto:ops@home.lan" }]
verify: { window: 10m, watch: 24h }
limits: { openPullRequests: 3, perHour: 4 }
alerts: { LxcMemoryHigh: memory }
`;

const small = `version: 1
forge: { kind: local }
clusters:
  - { name: home, endpoint: "https://pve1:8006", ca: ca.pem, read: env:PVE_READ }
`;

const faultsOf = (text: string): string[] => {
  const read = readConfig(text);
  return read.ok ? [] : read.faults.map(printFault);
};
/** The small one with one line changed: `clusters[0]` of it begins in line 4. */
const cluster = (fields: string): string => small.replace(/ {2}- \{.*/, `  - { ${fields} }`);

describe('gitmend.yaml', () => {
  it('becomes the trusted configuration: durations in seconds, credentials as names', () => {
    expect(readConfig(whole)).toEqual({
      ok: true,
      warnings: [],
      value: {
        version: 1,
        forge: {
          kind: 'gitea',
          url: 'https://git.home.lan',
          repository: 'ops/homelab',
          token: { env: 'GITMEND_GITEA_TOKEN' },
          webhookSecret: { env: 'GITMEND_WEBHOOK_SECRET' },
        },
        runner: 'ci',
        approvers: ['maintainer', 'ann'],
        clusters: [
          {
            name: 'home',
            endpoint: 'https://pve1.home.lan:8006',
            ca: 'certs/pve-root-ca.pem',
            read: { env: 'GITMEND_PVE_READ' },
            write: { env: 'GITMEND_PVE_WRITE' },
            exporters: ['pve1.home.lan'],
          },
        ],
        prometheus: { url: 'http://prometheus.home.lan:9090' },
        alertmanager: { url: 'http://alertmanager.home.lan:9093', doorToken: { env: 'GITMEND_ALERT_TOKEN' } },
        notify: [
          { kind: 'ntfy', url: 'https://ntfy.home.lan/gitmend' },
          { kind: 'mail', url: 'mailto:ops@home.lan' },
        ],
        verify: { window: 600, watch: 86_400 },
        limits: { openPullRequests: 3, perHour: 4 },
        dashboard: false,
        alerts: { LxcMemoryHigh: 'memory' },
      },
    });
  });

  it('needs only version, forge and one cluster', () => {
    expect(readConfig(small)).toMatchObject({
      ok: true,
      value: {
        runner: 'builtin',
        approvers: [],
        clusters: [{ name: 'home', exporters: [] }],
        notify: [],
        verify: {},
        limits: { openPullRequests: 5, perHour: 10 },
        dashboard: false,
        alerts: {},
      },
    });
  });

  it('leaves absent optional keys out, so that equal files have equal digests', () => {
    const read = readConfig(small);
    expect(read.ok && Object.keys(read.value)).not.toContain('prometheus');
    expect(read.ok && Object.keys(read.value.clusters[0]!)).not.toContain('write');
  });

  it('pins a fingerprint in one spelling', () => {
    const pairs = Array.from({ length: 32 }, (_, index) => (index + 160).toString(16));
    for (const text of [pairs.join(':'), pairs.join('').toUpperCase()]) {
      const read = readConfig(cluster(`name: home, endpoint: "https://pve1", fingerprint: "${text}", read: env:A`));
      expect(read.ok && read.value.clusters[0]?.fingerprint).toBe(pairs.join(':').toUpperCase());
    }
  });
});

describe('every fault is reported at once, with its place and its mend', () => {
  it('in a file that gets nearly everything wrong', () => {
    const text = whole
      .replace('version: 1', 'version: 2')
      .replace('kind: gitea', 'kind: gitae')
      .replace('runner: ci', 'runner: CI')
      .replace('    read: env:GITMEND_PVE_READ', '    read: GITMEND_PVE_READ')
      .replace('window: 10m', 'window: 600')
      .replace('perHour: 4', 'perHuor: 4')
      .replace('prometheus: {', 'prometeus: {');
    expect(faultsOf(text)).toEqual([
      'gitmend.yaml:1:10 version: 2 is not a version that this gitmend reads; write 1',
      'gitmend.yaml:2:16 forge.kind: gitae is not known here; did you mean gitea?',
      'gitmend.yaml:3:9 runner: CI is not builtin or ci; did you mean ci?',
      'gitmend.yaml:9:11 clusters[0].read: GITMEND_PVE_READ is not a reference; did you mean env:GITMEND_PVE_READ?',
      'gitmend.yaml:12:1 prometeus: is not a known field; did you mean prometheus?',
      'gitmend.yaml:15:19 verify.window: 600 is not a duration; did you mean 600s?',
      'gitmend.yaml:16:32 limits.perHuor: is not a known field; did you mean perHour?',
    ]);
  });

  it('with the missing fields of an almost empty file', () => {
    expect(faultsOf('version: 1\n')).toEqual([
      'gitmend.yaml:1:1 forge: is missing',
      'gitmend.yaml:1:1 clusters: is missing',
    ]);
  });

  it('and faults between fields stand beside those of single fields', () => {
    const faults = faultsOf(
      `${small.replace('version: 1', 'version: 3')}  - { name: HOME, endpoint: "http://pve2", read: env:A }\n`,
    );
    expect(faults).toEqual([
      'gitmend.yaml:1:10 version: 3 is not a version that this gitmend reads; write 1',
      'gitmend.yaml:5:5 clusters[1]: says not how its certificate is known; add ca: (a PEM in this repository) or fingerprint: (its SHA-256)',
      'gitmend.yaml:5:13 clusters[1].name: HOME is not a name of a-z, 0-9 and -; did you mean home?',
      'gitmend.yaml:5:13 clusters[1].name: HOME is already a cluster in line 4; name each once',
      'gitmend.yaml:5:29 clusters[1].endpoint: http://pve2/ is not https; did you mean https://pve2?',
    ]);
  });
});

describe('a cluster', () => {
  const base = 'name: home, endpoint: "https://pve1:8006", read: env:A';

  it.each([
    [base, 'says not how its certificate is known'],
    [`${base}, ca: ca.pem, fingerprint: "${'AA:'.repeat(31)}AA"`, 'fingerprint: stands beside ca; keep one of both'],
    [`${base}, ca: /etc/pve/ca.pem`, 'is not a path inside this repository'],
    [`${base}, ca: a/../../ca.pem`, 'is not a path inside this repository'],
    [`${base}, fingerprint: "AA:BB"`, 'AA:BB is not the SHA-256 of a certificate'],
    [`${base}, ca: ca.pem, insecure: true`, 'clusters[0].insecure: is not a known field'],
    [
      'name: home, endpoint: "https://pve1/api2/json", ca: c.pem, read: env:A',
      'has a path; did you mean https://pve1?',
    ],
    [
      'name: home, endpoint: "pve1:8006", ca: c.pem, read: env:A',
      'pve1:8006 is not an address; did you mean https://pve1:8006?',
    ],
    [
      'name: home, endpoint: "https://u@pve1", ca: c.pem, read: env:A',
      'holds a user or a password; write https://pve1',
    ],
    [
      'name: home, endpoint: "https://pve1?token=1", ca: c.pem, read: env:A',
      'holds a query, where secrets hide; write https://pve1',
    ],
    [
      'name: home, endpoint: "ftp://pve1", ca: c.pem, read: env:A',
      'ftp://pve1/ is not https; did you mean https://pve1?',
    ],
    [`${base}, ca: c.pem, exporters: pve1`, 'exporters: pve1 is not a list; did you mean [pve1]?'],
    [`${base}, ca: c.pem, exporters: [a, a]`, 'a is already an exporter in line 4'],
  ])('{ %s }: %s', (fields, fault) => {
    expect(faultsOf(cluster(fields)).join('\n')).toContain(fault);
  });
});

describe('a credential', () => {
  const withRead = (value: string): string =>
    faultsOf(cluster(`name: home, endpoint: "https://pve1", ca: c.pem, read: ${value}`)).join('\n');

  it.each([
    ['"$GITMEND_PVE_READ"', '$GITMEND_PVE_READ is not a reference; did you mean env:GITMEND_PVE_READ?'],
    ['"${GITMEND_PVE_READ}"', '${GITMEND_PVE_READ} is not a reference; did you mean env:GITMEND_PVE_READ?'],
    ['env:gitmend_pve_read', 'env:gitmend_pve_read is not a reference; did you mean env:GITMEND_PVE_READ?'],
    ['7', 'is not a reference; a secret never stands in a file'],
  ])('%s: %s', (value, fault) => {
    expect(withRead(value)).toContain(fault);
  });

  it.each([
    'hunter2hunter2',
    'S3cr3tTokenThatLooksLikeAName',
    'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
    'correct horse battery',
  ])('that may be the secret itself is not repeated (%#)', (secret) => {
    const faults = withRead(`"${secret}"`);
    expect(faults).toContain('clusters[0].read: is not a reference; a secret never stands in a file');
    expect(faults).not.toContain(secret);
  });
});

describe('other fields', () => {
  it.each([
    ['approvers: [ann, Ann]', 'approvers[1]: Ann is already an approver in line 5; name each once'],
    ['approvers: ["@ann"]', '@ann is not a forge account; did you mean ann?'],
    ['approvers: [ops/admins]', 'ops/admins is not a forge account; did you mean team:ops/admins?'],
    ['approvers: ["team:admins"]', 'team:admins is not a team; write team:owner/name'],
    ['verify: { window: 10 minutes }', '10 minutes is not a duration; did you mean 10m?'],
    ['verify: { window: soon }', 'soon is not a duration; write 5s, 10m, 24h or 7d'],
    ['verify: { window: 2d }', 'verify.window: 2d is outside 1s to 1d'],
    ['verify: { watch: 0s }', 'verify.watch: 0s is outside 1s to 30d'],
    ['limits: { perHour: 0 }', 'limits.perHour: 0 is less than 1'],
    ['limits: { perHour: 101 }', 'limits.perHour: 101 is more than 100'],
    ['limits: { perHour: "4" }', '"4" is a text, not a number; write 4 without quotes'],
    ['limits: { perHour: 1.5 }', '1.5 is not a whole number'],
    ['limits:', 'limits: is empty; write a map, or leave the line out'],
    ['limits: [1]', 'limits: this is a list, not a map'],
    ['notify: [{ kind: mail, url: "mailto:a?b" }]', 'is not an address'],
    ['notify: [{ kind: ntfy, url: "" }]', 'is not an address'],
    ['notify: [{ url: "https://ntfy.home.lan" }]', 'notify[0].kind: is missing; write webhook, ntfy or mail'],
    ['alerts: { Watchdog: Memory Family }', 'alerts.Watchdog: Memory Family is not a fault family'],
    ['alerts: { Watchdog: 3 }', 'alerts.Watchdog: 3 is a number, not a text; did you mean "3"?'],
    ['prometheus: { url: "http://prometheus:9090#x" }', 'holds a query, where secrets hide'],
    [
      'prometheus: { url: "http://prometheus:9090", token: env:A }',
      'prometheus.token: is not a known field; known: url',
    ],
  ])('%s → %s', (line, fault) => {
    expect(faultsOf(`${small}${line}\n`).join('\n')).toContain(fault);
  });

  it('a Gitea needs its address, a GitHub has a usual one', () => {
    const forge = (kind: string) =>
      faultsOf(small.replace('kind: local', `kind: ${kind}, repository: a/b, token: env:T`));
    expect(forge('github')).toEqual([]);
    expect(forge('gitea')).toEqual([
      'gitmend.yaml:2:8 forge.url: is missing; a Gitea has no usual address: add url: https://…',
    ]);
  });

  it('a GitHub has a token or an App, and exactly one of both', () => {
    const forge = (more: string) => faultsOf(small.replace('kind: local', `kind: github, repository: a/b${more}`));
    expect(forge(', app: { id: 4711, key: env:K }')).toEqual([]);
    expect(forge(', app: { id: Iv23liABC, key: env:K }, url: https://github.home.lan')).toEqual([]);
    expect(forge('')).toEqual([
      'gitmend.yaml:2:8 forge: says not who gitmend is there; add app: { id: …, key: env:NAME }, or token: env:NAME',
    ]);
    expect(forge(', token: env:T, app: { id: 1, key: env:K }')).toEqual([
      expect.stringMatching(/forge\.app: stands beside token; keep one of both$/),
    ]);
    expect(forge(', app: { id: "a b", key: env:K }')[0]).toContain('a b is not an App ID or Client ID');
    expect(forge(', app: { id: 1, key: "-----BEGIN RSA PRIVATE KEY-----" }')[0]).not.toContain('BEGIN');
  });

  it('an App ID becomes a text', () => {
    const read = readConfig(
      small.replace('kind: local', 'kind: github, repository: a/b, app: { id: 4711, key: env:K }'),
    );
    expect(read).toMatchObject({ value: { forge: { app: { id: '4711', key: { env: 'K' } } } } });
  });

  it('a local forge takes no token', () => {
    expect(faultsOf(small.replace('kind: local', 'kind: local, token: env:T'))).toEqual([
      'gitmend.yaml:2:23 forge.token: is not a known field; known: kind, path',
    ]);
  });

  it('a repository is owner/name, and a path may be given to the local one', () => {
    expect(faultsOf(small.replace('kind: local', 'kind: github, repository: homelab, token: env:T'))[0]).toContain(
      'homelab is not a repository; write owner/name',
    );
    expect(faultsOf(small.replace('kind: local', 'kind: local, path: ""'))[0]).toContain(
      'forge.path: is empty; leave the line out',
    );
  });

  it('no cluster at all is a fault', () => {
    expect(faultsOf(`version: 1\nforge: { kind: local }\nclusters: []\n`)).toEqual([
      'gitmend.yaml:3:11 clusters: names no cluster; name one: a guest is always on one',
    ]);
  });

  it('a file that is no map says so', () => {
    expect(faultsOf('just a text\n')).toEqual(['gitmend.yaml:1:1 just a text is not a map']);
    expect(faultsOf('- a\n')).toEqual(['gitmend.yaml:1:1 this is a list, not a map']);
  });

  it('a key that every object has is unknown like any other', () => {
    expect(faultsOf(`${small}__proto__: { runner: ci }\nconstructor: 1\n`)).toHaveLength(2);
  });
});
