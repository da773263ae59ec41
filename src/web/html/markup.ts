import { html as template, raw as trusted } from 'hono/html';

/** Markup that is safe to send: every value that was put into it was escaped. */
export type Html = ReturnType<typeof trusted>;

type Value = string | number | false | undefined | Html | readonly Value[];

/** A piece of a page. Texts are escaped, pieces are not escaped twice, `false` and `undefined` are nothing. */
export function markup(strings: TemplateStringsArray, ...values: Value[]): Html {
  // Nothing here is asynchronous, and then hono answers with the string itself.
  return template(strings, ...values) as Html;
}

export const nothing: Html = trusted('');
