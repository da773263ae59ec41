import { describe, expect, it } from 'vitest';
import { type Edit, edits } from '../cdktf/app.ts';
import { withCdktf } from '../cdktf/recorded.ts';
import { agreed, instead, planOf, readable, terraformHome } from './deliver-lab.ts';
import { hasTerraform } from './lab.ts';
import { on } from './stack-code-lab.ts';

/** A node_modules with cdktf, as tests/terraform/cdktf/write.ts --keep makes one: then its app itself is run. */
const modules = process.env['GITMEND_TEST_CDKTF'] ?? '';

const edit = (which: Edit) => ({ [edits[which].file]: instead(edits[which].from, edits[which].to) });

describe.skipIf(!hasTerraform())('a repository whose stacks are of cdktf', () => {
  it('is planned and applied: its code, its guests, and what one stack takes of the other', async () => {
    const lab = await terraformHome(on, withCdktf(modules), modules === '' ? {} : { GITMEND_STACK_MODULES: modules });
    await agreed(lab, 'zone', edit('zone'), 'golden/cdktf-variable.md');
    expect(await lab.run()).toEqual([
      '#1 applied: stack net: terraform_data.kept created with input lab.lan',
      '#1 verified: stack net: Terraform plans no change at the addresses of this step',
    ]);
    const disk = await lab.propose('disk', edit('disk'));
    const banner = await lab.propose('banner', edit('banner'));
    await lab.plan(disk, banner);
    expect(await planOf(lab, disk)).toContain('| 1 | nextcloud (lxc/201) | disk 64 → 80 GiB | live, Terraform |');
    // The name of the zone is in the other stack's state.
    await expect(readable(await planOf(lab, banner))).toMatchFileSnapshot('golden/cdktf-reference.md');
    await lab.merge(banner);
    expect((await lab.run()).at(-1)).toMatch(/^#3 verified: stack guests/);
  });
});
