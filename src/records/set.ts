import { digestOf } from '../core/json.ts';
import { counted } from '../texts/words.ts';
import { escapeBold, escapeCode, escapeText } from './escape.ts';
import { editWords, type EditedValue } from './import.ts';
import { body } from './pull-request.ts';

/** Values of guests that a person set at the terminal. */
export interface SetWords {
  /** Of several guests: how they were named, `tagged web`; '' where each was named. */
  chosen: string;
  fingerprint: string;
  changed: readonly { name: string; id: string; file: string; edits: readonly EditedValue[] }[];
}

/** Title and body of the pull request that changes them. */
export function printSet(words: SetWords): { title: string; body: string } {
  const { changed, fingerprint } = words;
  const proposed = digestOf({
    kind: 'set',
    values: changed.map(({ id, edits }) => ({ id, to: edits.map(({ field, to = null }) => ({ field, to })) })),
  });
  return { title: titleOf(words), body: body(partsOf(words), { kind: 'set', remedy: 'set', fingerprint, proposed }) };
}

function titleOf({ changed, chosen }: SetWords): string {
  const [only, ...more] = changed;
  if (only === undefined) return 'nothing is set';
  const orders = [...new Set(changed.map(({ edits }) => edits.map(orderWords).join(', ')))];
  if (more.length === 0) return `${only.name}: ${orders.join('')}`;
  const fields = [...new Set(changed.flatMap(({ edits }) => edits.map(({ field }) => field)))];
  const [same = '', ...others] = orders;
  const what = others.length === 0 && fields.every((field) => field in orderOf) ? same : fields.join(', ');
  return `${counted(changed.length, 'guest')}${chosen === '' ? '' : ` ${chosen}`}: ${what}`;
}

/** What a switch of a file orders. */
const orderOf: { readonly [field: string]: readonly [on: string, off: string] } = {
  started: ['start', 'shut down'],
  protection: ['protect', 'take the protection away'],
};

function orderWords(edit: EditedValue): string {
  const [on, off] = orderOf[edit.field] ?? [];
  const order = edit.to === true ? on : edit.to === false ? off : undefined;
  return order ?? editWords(edit);
}

function partsOf({ changed, chosen }: SetWords): string[] {
  const row = ({ name, id, file, edits }: SetWords['changed'][number]) =>
    `| ${escapeBold(name)} (${escapeText(id, 40)}) | ${escapeText(edits.map(editWords).join(', '), 300)} | ${escapeCode(file, 100)} |`;
  const many =
    changed.length === 1
      ? ''
      : ` of ${counted(changed.length, 'guest')}${chosen === '' ? '' : ` ${escapeText(chosen, 100)}`}`;
  return [
    `Asked for at the terminal: these values${many}. The plan below says what merging does.`,
    ['| guest | change | file |', '|---|---|---|', ...changed.map(row)].join('\n'),
  ];
}
