import type { Transporter } from 'nodemailer';
import { digestOf } from '../core/json.ts';
import type { Destination } from './destination.ts';
import type { Notice } from './notice.ts';

type Mail = Destination & { kind: 'mail' };

/**
 * One mail in plain text, through nodemailer, which is loaded only here. A password travels over TLS with a certificate
 * that is verified, or not at all. `patience` in milliseconds, for each step of the conversation. Throws what nodemailer says.
 */
export async function sendMail(to: Mail, notice: Notice, patience: number): Promise<void> {
  const { route } = to;
  const mail = { from: route.from, to: route.to, subject: `[gitmend] ${notice.title}` };
  await conversation(to, patience, (transport) => transport.sendMail({ ...mail, ...contentOf(notice, route.from) }));
}

/** Says hello, shows the login where there is one, and goes, over the same way that a mail takes. Throws what nodemailer says. */
export async function greetMailServer(to: Mail, patience: number): Promise<void> {
  await conversation(to, patience, (transport) => transport.verify());
}

async function conversation(
  { route, login }: Mail,
  patience: number,
  talk: (transport: Transporter) => Promise<unknown>,
): Promise<void> {
  const { createTransport } = await import('nodemailer');
  const { host, port, secure } = route;
  const verified = secure || login !== undefined;
  const transport = createTransport({
    ...{ host, port, secure, requireTLS: login !== undefined },
    ...(login === undefined ? {} : { auth: { user: login.user, pass: login.password } }),
    // Without a password STARTTLS is taken as it is offered: a certificate of nobody is still better than clear text.
    tls: { rejectUnauthorized: verified },
    ...{ connectionTimeout: patience, greetingTimeout: patience, socketTimeout: patience, dnsTimeout: patience },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  try {
    await talk(transport);
  } finally {
    transport.close();
  }
}

function contentOf({ text, link, key, kind }: Notice, from: string) {
  const domain = from.slice(from.indexOf('@') + 1);
  return {
    text: [text, link ?? ''].filter((part) => part !== '').join('\n\n'),
    // The same notice sent twice is one mail to many a reader; nobody's absence note answers it (RFC 3834).
    messageId: `<${digestOf(key).slice('sha256:'.length, 'sha256:'.length + 32)}@${domain}>`,
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Gitmend-Kind': kind },
  };
}
