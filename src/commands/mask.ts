/** Characters of a comment that are looked at; whoever writes more says something else than a command. */
const most = 10_000;

/**
 * What may hide or quote the lines behind it: code, struck out text, HTML, links with titles over several lines, formulas,
 * and indentation that is not up to three spaces. Wider than any forge's Markdown, and without its rules for where such a
 * thing ends: a command that is not seen costs a second comment, one that nobody meant costs more.
 */
const hiding = /[`~<[$]|^ {4}|^ *[^\S ]|^ {0,3}(?:-{3,}|\+{3,})[ \t]*$/;

/** ASCII alone: to Markdown a line with a no-break space on it is not blank. */
const blank = /^[ \t]*$/;

/**
 * The lines of a comment that are certainly said by its writer: those before the first thing that could hide or quote
 * anything, without what is quoted. A quote lasts to the next blank line, because it goes on lazily without its sign.
 */
export function saidLines(body: string): string[] {
  const lines = body.slice(0, most).split(/\r\n|\r|\n/);
  // What was cut may have been another line than what is left of it.
  if (body.length > most) lines.pop();
  const said: string[] = [];
  let quoting = false;
  for (const line of lines) {
    const quoted = /^ {0,3}>/.test(line);
    if (blank.test(line)) quoting = false;
    // What a quote opens ends with it. Its lazy lines have no sign, and may begin something of their own.
    else if (!quoted && hiding.test(line)) return said;
    // Also within a line: a quote may stand in a list.
    if (line.includes('>')) quoting = true;
    if (!quoting) said.push(line);
  }
  return said;
}
