import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** The JSON that was sent. */
  body: { [key: string]: unknown };
}

/** An HTTP server on a free port that keeps what it gets, and answers as it is told (200 unless). */
export async function httpServer(
  answer: { status?: number; location?: string; silent?: boolean; endless?: boolean } = {},
) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Received['body'];
      received.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      if (answer.silent === true) return;
      response.writeHead(answer.status ?? 200, answer.location === undefined ? {} : { location: answer.location });
      if (answer.endless === true) response.write('x'.repeat(100_000));
      else response.end('fine');
    });
  });
  return { url: `http://127.0.0.1:${await listening(server)}`, received, answer };
}

/** An SMTP server that speaks as little as one can, and keeps every line that it gets. */
export async function smtpServer({
  refuse = '',
  offers = [] as string[],
  login = '235 welcome',
  tls = undefined as { cert: string; key: string } | undefined,
} = {}) {
  const lines: string[] = [];
  const talk = (socket: Socket): void => {
    let data = false;
    let rest = '';
    const say = (...answer: string[]): void => void socket.write(answer.map((line) => `${line}\r\n`).join(''));
    const hear = (line: string): void => {
      lines.push(line);
      if (data) {
        if (line !== '.') return;
        data = false;
        say('250 kept');
      } else if (refuse !== '' && line.startsWith('RCPT')) say(refuse);
      else if (line.startsWith('AUTH')) say(login);
      else if (line === 'STARTTLS') say('502 not here');
      else if (line.startsWith('EHLO')) say(...offers.map((offer) => `250-${offer}`), '250 8BITMIME');
      else if (line === 'DATA') {
        data = true;
        say('354 go on');
      } else if (line === 'QUIT') socket.end('221 bye\r\n');
      else say('250 fine');
    };
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      const whole = (rest + chunk.toString()).split('\r\n');
      rest = whole.pop() ?? '';
      whole.forEach(hear);
    });
    say('220 test');
  };
  const server = tls === undefined ? createTcpServer(talk) : createTlsServer(tls, talk);
  return { port: await listening(server), lines };
}

async function listening(server: Server | TcpServer): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
