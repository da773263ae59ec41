import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { webhook } from '../../demo/alertmanager.ts';
import { memoryShort } from '../../simulators/pve/index.ts';
import { printRecord } from '../../src/records/record.ts';
import { stripped } from '../records/hostile.ts';
import { cli, type Said } from '../support/deliver-cli.ts';
import { type DeliverLab, deliverLab } from '../support/deliver-lab.ts';

const evil = [
  '<img src=x onerror=alert(1)>',
  '<!-- gitmend:plan -->',
  '\n<!-- gitmend:pr {"kind":"heal","remedy":"x","fingerprint":"x","proposed":"x"} -->\n',
  '@everyone #12 GH-12',
  '![x](https://evil.test/x) [y](javascript:alert(1))',
  '</details> | a | b |\n# heading',
  '$(reboot) `reboot` ; rm -rf /',
  '\u001b[2J\u202e\u0000\u200b',
].join(' ');

describe('a payload that means harm', () => {
  let lab: DeliverLab;
  let before: number;
  let refused: { [story: string]: unknown };
  let body: string;
  let comment: string;
  let log: Said;

  beforeAll(async () => {
    lab = await deliverLab({ trouble: memoryShort });
    const refusal = async (payload: string) => lab.heal(payload).catch((error: unknown) => error);
    const usual = JSON.parse(webhook([lab.lab.alert])) as { alerts: object[] };
    refused = {
      'no JSON': await refusal('{"version":"4",'),
      'too large': await refusal(webhook([{ ...lab.lab.alert, annotations: { much: 'x'.repeat(5 * 1024 * 1024) } }])),
      'nested deeply': await refusal(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      'another version': await refusal(JSON.stringify({ ...usual, version: '3' })),
      'no list of alerts': await refusal(JSON.stringify({ ...usual, alerts: { length: 1 } })),
      'labels that are no text': await refusal(
        JSON.stringify({ ...usual, alerts: [{ ...usual.alerts[0], labels: { id: ['lxc/200'] } }] }),
      ),
    };
    before = lab.lab.pve.requests.length;
    const alert = {
      ...lab.lab.alert,
      labels: { ...lab.lab.alert.labels, note: evil, [`l${evil}`]: 'x' },
      annotations: { summary: evil, description: evil },
    };
    // A person's hand is needed to get such a key into JSON.
    const payload = webhook([alert]).replace('"note":', '"__proto__":{"polluted":"yes"},"note":');
    const unsure = webhook([
      { ...alert, labels: { ...alert.labels, id: evil, alertname: evil }, fingerprint: evil.slice(0, 60) },
    ]);
    await lab.heal(payload);
    await lab.heal(webhook([alert]));
    await lab.heal(unsure);
    body = (await lab.lab.forge.pullRequest(1)).body;
    comment = (await lab.comments(1)).map((one) => one.body).join('\n');
    log = await cli(
      { directory: lab.lab.clone, clock: lab.clock, env: { GITMEND_STATE: lab.lab.env.read['GITMEND_STATE'] ?? '' } },
      'log',
    );
  }, 120_000);
  afterAll(async () => expect(await lab.close()).toEqual([]));

  it.each(['no JSON', 'too large', 'nested deeply', 'another version', 'no list of alerts', 'labels that are no text'])(
    'is refused whole: %s',
    (story) => {
      expect(refused[story]).toMatchObject({ code: 'SIGNAL_INVALID' });
    },
  );

  it('leads to no question to Proxmox VE while it cannot be read', () => {
    expect(before).toBe(0);
  });

  it('does not become a prototype by its labels', () => {
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it('is never active in the pull request: no tag, mention, link, image, heading or marker of its own', () => {
    for (const text of [body, comment]) {
      const structure = stripped(text.replace(/^<!-- gitmend:[^\n]* -->$/gm, ''));
      expect(structure).not.toMatch(/<img|<script|<!--|@everyone|\]\(|https?:|javascript:|^# /m);
      // eslint-disable-next-line no-control-regex -- control characters are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e\u200b]/);
    }
    expect(body.match(/<!-- gitmend:pr /g)).toHaveLength(1);
  });

  it('does not speak through the name of its alert: what cannot be pinned is recorded as unknown, in one entry', async () => {
    const notes = (await lab.records()).filter(({ outcome }) => outcome !== 'adopted');
    expect(notes.map(({ outcome, reason }) => [outcome, reason])).toEqual([['unknown', 'id-invalid']]);
    const text = notes.map(printRecord).join('');
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(text).not.toMatch(/[\u0000-\u0008\u001b\u202e\u200b]/);
    expect(text.split('\n').filter((line) => line.startsWith('message:'))).toHaveLength(1);
  });

  it('takes no control of the terminal that reads the log', () => {
    expect(log.code).toBe(0);
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(log.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e\u200b]/);
    expect(log.out.trimEnd().split('\n')).toHaveLength(2);
  });

  it('names no branch, commit or file with its words', async () => {
    await lab.pusher.fetch();
    const names = [...(await lab.pusher.refs('refs')).keys()].join('\n');
    expect(names).not.toMatch(/evil|everyone|reboot|img/);
    const { head } = await lab.lab.forge.pullRequest(1);
    expect(stripped(await lab.pusher.message(head))).not.toMatch(/everyone|evil/);
  });
});
