// Draws what a command really printed as a picture of a terminal:
//   npm run -s demo -- --auto | node tests/tools/draw-terminal.ts 'npm run demo -- --auto' > docs/images/demo.svg
import { text } from 'node:stream/consumers';

const columns = 104;
const [advance, lineHeight, margin, bar] = [8.4, 21, 22, 40];

/** An SVG of a terminal that shows a command and what it printed. Long lines are folded under their text. */
export function drawTerminal(command: string, output: string): string {
  const lines = [`$ ${command}`, ...output.trimEnd().split('\n').flatMap(fold)];
  const width = Math.ceil(columns * advance + 2 * margin);
  const height = bar + lines.length * lineHeight + margin;
  const rows = lines.map((line, index) => row(line, bar + (index + 0.8) * lineHeight));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Terminal: ${escape(command)}">
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d7dce2; white-space: pre; }
.time { fill: #8b96a5; } .prompt { fill: #8b96a5; } .command { fill: #ffffff; font-weight: 600; } .outcome { fill: #7ee2a8; font-weight: 700; }
</style>
<rect width="100%" height="100%" rx="10" fill="#161b22"/>
<g fill="#3b434e"><circle cx="24" cy="20" r="6"/><circle cx="44" cy="20" r="6"/><circle cx="64" cy="20" r="6"/></g>
${rows.join('\n')}
</svg>
`;
}

/** One line in pieces of at most `columns` letters, those after the first indented to where the text began. */
function fold(line: string): string[] {
  if (line.length <= columns) return [line];
  const indent = ' '.repeat(/^ *[\d.]+ s {2}| */.exec(line)?.[0].length ?? 0);
  const at = line.lastIndexOf(' ', columns);
  return at <= indent.length ? [line] : [line.slice(0, at), ...fold(indent + line.slice(at + 1))];
}

function row(line: string, y: number): string {
  const [, time = '', rest = ''] = /^( *[\d.]+ s)?(.*)$/.exec(line) ?? [];
  const spans = line.startsWith('$ ')
    ? `<tspan class="prompt">$ </tspan><tspan class="command">${escape(line.slice(2))}</tspan>`
    : /^[a-z-]+$/.test(line)
      ? `<tspan class="outcome">${escape(line)}</tspan>`
      : `${time === '' ? '' : `<tspan class="time">${escape(time)}</tspan>`}<tspan>${escape(rest)}</tspan>`;
  return `<text x="${margin}" y="${y.toFixed(1)}" xml:space="preserve">${spans}</text>`;
}

function escape(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

if (import.meta.main) {
  const command = process.argv[2] ?? 'npm run demo -- --auto';
  process.stdout.write(drawTerminal(command, await text(process.stdin)));
}
