import { valueAt } from './inside.ts';

/** A data source inside of a check block: read while the plan is made, and in no other section of the stack. */
export interface CheckedData {
  type: string;
  address: string;
  block: unknown;
}

/** All of them; each level may be a map or lists of maps, as Terraform reads both. */
export function dataInChecks(config: unknown): CheckedData[] {
  return pairs(valueAt(config, 'check')).flatMap(([name, body]) =>
    [body]
      .flat(Infinity)
      .flatMap((one) =>
        pairs(valueAt(one, 'data')).flatMap(([type, named]) =>
          pairs(named).map(([own, block]) => ({ type, address: `check.${name}.data.${type}.${own}`, block })),
        ),
      ),
  );
}

/** Blocks `removed` that run something when what they name is destroyed: no plan shows it. */
export function runsAtRemoval(config: unknown): string[] {
  const blocks = [valueAt(config, 'removed')].flat(Infinity);
  return blocks.flatMap((block) =>
    valueAt(block, 'provisioner') === undefined ? [] : [`removed ${String(valueAt(block, 'from'))}`],
  );
}

function pairs(value: unknown): [string, unknown][] {
  const maps = [value].flat(Infinity).filter((one) => typeof one === 'object' && one !== null);
  return maps.flatMap((one) => Object.entries(one).filter(([key]) => key !== '//'));
}
