/** Where mail is handed over, and for whom. */
export interface MailRoute {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps`); else STARTTLS where the server offers it. */
  secure: boolean;
  from: string;
  to: string[];
}

/** What is wrong with it, and what to write. Neither repeats the text: it may hold a secret. */
export interface WrongMailUrl {
  problem: string;
  mend: string;
}

const mailbox = /^[^\s@<>()[\]\\,;:"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const example = 'smtp://mail.home.lan:25/?from=gitmend@home.lan&to=ops@home.lan';

/**
 * `smtp://host:port/?from=…&to=…` (`smtps` for TLS from the start; `to` may stand several times), or `mailto:ops@home.lan`
 * for the mail server of this machine. Without a user or a password: those are a secret. Or what is wrong with it.
 */
export function readMailUrl(text: string): MailRoute | WrongMailUrl {
  if (text.startsWith('mailto:')) return localRoute(text.slice('mailto:'.length));
  const url = /^smtps?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return wrong('is not an address of a mail server', `write ${example}`);
  if (url.username !== '' || url.password !== '')
    return wrong('holds a user or a password', 'write secret: env:NAME beside it, the variable holding user:password');
  const unknown = [...url.searchParams.keys()].some((key) => key !== 'from' && key !== 'to');
  if (unknown || url.hash !== '' || (url.pathname !== '' && url.pathname !== '/'))
    return wrong('is more than a server with from and to', `write ${example}`);
  const [from = '', ...others] = url.searchParams.getAll('from');
  const to = url.searchParams.getAll('to');
  const incomplete = others.length > 0 || to.length === 0 || ![from, ...to].every((address) => mailbox.test(address));
  if (incomplete || url.hostname === '') return wrong('needs one from and at least one to', `write ${example}`);
  const secure = url.protocol === 'smtps:';
  return { host: bare(url.hostname), port: Number(url.port || (secure ? 465 : 25)), secure, from, to };
}

function localRoute(to: string): MailRoute | WrongMailUrl {
  if (!mailbox.test(to)) return wrong('is not an address', 'write mailto:ops@home.lan');
  return { host: '127.0.0.1', port: 25, secure: false, from: `gitmend@${to.slice(to.indexOf('@') + 1)}`, to: [to] };
}

/** An IPv6 address without its brackets. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function wrong(problem: string, mend: string): WrongMailUrl {
  return { problem, mend };
}
