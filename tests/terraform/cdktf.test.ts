import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { againstStack, againstUnreviewed, reachOf, usuallyAllowed } from '../../src/terraform/index.ts';
import { synthesize } from '../../src/synth/index.ts';
import { input } from '../synth/examples.ts';
import type { Edit } from './cdktf/app.ts';
import { appDigest, recorded, recordedIn, recordedStacks, writesFiles } from './cdktf/recorded.ts';

describe('what cdktf 0.21.0 wrote', () => {
  it('is of the code that is here: node tests/terraform/cdktf/write.ts writes it anew', () => {
    expect(JSON.parse(readFileSync(join(recordedIn, 'app.json'), 'utf8'))).toMatchObject({ app: appDigest });
  });

  it('is read of its folder, the manifest and the assets left where they are', async () => {
    const files = recorded('begin');
    expect(Object.keys(files).map((path) => path.split('/').at(-1))).toEqual(
      expect.arrayContaining(['manifest.json', 'motd', 'cdk.tf.json']),
    );
    const made = await synthesize(input({ code: new Map([['stacks/main.ts', writesFiles(files)]]) }));
    expect(made).toEqual({ ok: true, stacks: recordedStacks() });
  });

  it('may be planned, also in code that nobody approved yet', () => {
    const [before, stacks] = [recordedStacks('zone'), recordedStacks('zone', 'banner')];
    for (const config of Object.values(stacks)) expect(againstStack(config, usuallyAllowed)).toEqual([]);
    for (const name of Object.keys(stacks)) expect(againstUnreviewed(name, before, stacks)).toEqual([]);
  });

  it.each<[Edit, object[]]>([
    ['zone', [{ stack: 'net', addresses: ['terraform_data.kept'], parts: ['variable'] }]],
    ['disk', [{ stack: 'guests', addresses: ['proxmox_virtual_environment_container.nextcloud'] }]],
    ['banner', [{ stack: 'guests', addresses: ['terraform_data.banner'] }]],
  ])('differs by %s at the addresses that this reaches', (edit, reach) => {
    expect(reachOf(recordedStacks(), recordedStacks(edit))).toMatchObject(reach);
  });
});
