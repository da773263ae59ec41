/** What people are told. Good news is for those who want to see that it works. */
export interface Notice {
  kind: 'needs-person' | 'bad-news' | 'good-news';
  /** One line: names before numbers. At most 200 characters. */
  title: string;
  /** Plain text, at most 4000 characters; outside text in it is shown as it is and never as markup. */
  text: string;
  /** An address of http or https without a user in it; another one is left out. */
  link?: string;
  /** The same key is told once: `run/4f1c09/not-verified`. */
  key: string;
}

const most = { title: 200, text: 4000, key: 200, link: 2000 };
/** Nobody reads more, and nothing here may take long. */
const longest = 65_536;

/** A notice that no device can misread: capped, one line where it must be one, nothing invisible, the secrets out of it. */
export function presentable(notice: Notice, redact: (text: string) => string): Notice {
  const { kind, title, text, link = '', key } = notice;
  const clean = {
    kind,
    title: capped(redact(oneLine(title)), most.title),
    text: capped(redact(lines(text)), most.text),
    key: capped(redact(oneLine(key)), most.key),
  };
  const address = oneLine(link);
  return isLink(address) && !holdsSecret(address, redact) ? { ...clean, link: new URL(address).href } : clean;
}

function isLink(text: string): boolean {
  if (text.length > most.link || !URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '';
}

/** A link with a hole in it leads nowhere, so it is left out. */
function holdsSecret(address: string, redact: (text: string) => string): boolean {
  const plain = address.replace(/%[0-9a-f]{2}/gi, (pair) => String.fromCharCode(Number.parseInt(pair.slice(1), 16)));
  return [address, plain].some((text) => redact(text) !== text);
}

// What is invisible goes first: a secret with something invisible in it is a secret still.
function lines(text: string): string {
  const rows = text.slice(0, longest).split(/\r\n|[\r\n\u2028\u2029]/);
  return rows
    .map((line) => visible(line))
    .join('\n')
    .trim();
}

function oneLine(text: string): string {
  return visible(text.slice(0, longest).replace(/[\s\u2028\u2029]+/g, ' ')).trim();
}

/** Without control and format characters: what could rewrite a terminal, or turn the direction of a line. */
function visible(line: string): string {
  return line
    .toWellFormed()
    .replaceAll('\t', ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '');
}

function capped(text: string, amount: number): string {
  const letters = Array.from(text);
  return letters.length <= amount ? text : `${letters.slice(0, amount - 1).join('')}…`;
}
