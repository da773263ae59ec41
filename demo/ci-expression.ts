/** What `${{ … }}` and `if:` may name: `github.event_name`, `secrets.NAME` … */
export interface ExpressionContext {
  readonly [name: string]: unknown;
}

/**
 * The part of the expressions of Actions that the template's workflows use: paths, texts in single quotes, `==`, `!=`,
 * `&&`, `||`. Throws for anything else, so that a template cannot come to use what this does not understand.
 */
export function evaluate(text: string, context: ExpressionContext): unknown {
  const either = text.split('||');
  if (either.length > 1) return either.map((part) => evaluate(part, context)).find(Boolean) ?? false;
  const both = text.split('&&');
  if (both.length > 1) return both.every((part) => Boolean(evaluate(part, context)));
  const [, left = '', operator, right = ''] = /^(.*?)(==|!=)(.*)$/.exec(text) ?? [undefined, text];
  if (operator === undefined) return valueOf(left.trim(), context);
  const same = valueOf(left.trim(), context) === valueOf(right.trim(), context);
  return operator === '==' ? same : !same;
}

/** A text with its expressions filled in; nothing is ''. */
export function interpolate(text: string, context: ExpressionContext): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, inner: string) => textOf(evaluate(inner, context)));
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error('the small runner does not know how an object is written');
}

function valueOf(text: string, context: ExpressionContext): unknown {
  const [, literal] = /^'([^']*)'$/.exec(text) ?? [];
  if (literal !== undefined) return literal;
  if (!/^[a-z_]+(\.[A-Za-z_]+)+$/.test(text)) throw new Error(`the small runner does not know the expression ${text}`);
  return text
    .split('.')
    .reduce<unknown>((value, key) => (value as { [key: string]: unknown } | undefined)?.[key], context);
}
