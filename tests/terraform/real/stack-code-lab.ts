import type { DeliverHome, Files } from '../../support/deliver-lab.ts';
import { planOf } from './deliver-lab.ts';

export const on = { stackCode: 'sandbox' };

/** stacks/main.ts with these lines before the synthesis; `stack` is the guests' one. */
export function mainWith(...lines: string[]): (text: string) => string {
  return (text) =>
    text.replace(
      'app.synth();',
      ["const stack = app.node.findChild('guests') as GuestsStack;", ...lines, 'app.synth();'].join('\n'),
    );
}

/** Stack code that does not declare this guest. */
export const without = (name: string): Files => ({
  'stacks/main.ts': (text) =>
    text.replace(/readGuests\(([^;]*)\)\);/, `readGuests($1).filter(({ name }) => name !== '${name}'));`),
});

/** A resource of Terraform's own in the guests' stack. */
export const note = (name: string, input: string): string =>
  `stack.addOverride('resource.terraform_data.${name}', { input: '${input}' });`;

/** Stack code in which postgres alone has this attribute, and Terraform is to see to it. */
export const postgresHas = (attribute: string, value: string): Files => guestHas('postgres', attribute, value);

/** The same of another container. */
export function guestHas(name: string, attribute: string, value: string): Files {
  return {
    'stacks/guests-stack.ts': (text) =>
      text
        .replaceAll(
          'keptOf([...containerKeeps, ...sizeKeeps(guest)], guest)',
          `keptOf([...containerKeeps, ...sizeKeeps(guest)].filter((one) => guest.name !== '${name}' || one !== '${attribute}'), guest)`,
        )
        .replace(
          'function containerOf(',
          'function containerOf(guest: Guest): ContainerAttributes {\n  const made = plainContainer(guest);\n' +
            `  return guest.name === '${name}' ? { ...made, ${attribute}: ${value} } as ContainerAttributes : made;\n}\n\nfunction plainContainer(`,
        ),
  };
}

let branches = 0;

/** Proposes and plans; the number, and the refusal as its comment prints it: `terraform-refused: … Next: …`. */
export async function refused(lab: DeliverHome, files: Files): Promise<string> {
  const number = await lab.propose(`code-${(branches += 1)}`, files);
  await lab.plan(number);
  const [, reason = '', words = ''] = /\*\*Refused\*\* \(`([^`]+)`\): (.*)/.exec(await planOf(lab, number)) ?? [];
  return `${reason}: ${words.replaceAll('\\', '')}`;
}
