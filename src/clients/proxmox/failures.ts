import { type ErrorCode, GitmendError } from '../../core/errors.ts';
import { jsonIn } from '../../core/json.ts';
import { type Answer, type Call, unknownCa, type WireFault } from './transport.ts';

/** What an error is about, for its message and details. */
export interface Occasion {
  cluster: string;
  endpoint: string;
  method: Call['method'];
  /** Without the query: `/nodes/pve1/lxc/200/config`. */
  path: string;
  /** Takes secrets out of outside text and caps it. */
  clean: (text: string) => string;
}

/** An answer's own words: PVE 9 has `message` in the body, PVE 8 the status line only, the proxy a bare text. */
interface Said {
  message: string;
  errors: { [parameter: string]: string };
}

interface Judged {
  code: ErrorCode;
  message: string;
  maybeWritten: boolean;
}

/** No whole answer came. Never holds the request's headers. */
export function wireError(occasion: Occasion, { kind, sent, code, reason }: WireFault): GitmendError {
  const { cluster, endpoint, method, path } = occasion;
  const write = method !== 'GET';
  const maybeWritten = write && sent;
  const tail = kind === 'untrusted' ? mendOf(code, reason) : maybeWritten ? `; the ${method} may have happened` : '';
  const message = `${method} ${path}: Proxmox VE ${cluster} at ${endpoint}: ${occasion.clean(reason)}${tail}`;
  return new GitmendError(wireCodes[kind], message, {
    details: { status: 0, method, path, errors: {}, maybeWritten, wire: code },
  });
}

/** PVE answered, and not with 200. */
export function answerError(occasion: Occasion, answer: Answer): GitmendError {
  const said = saidBy(answer, occasion.clean);
  const { method, path, cluster } = occasion;
  const { code, message, maybeWritten } = judge(answer.status, said);
  return new GitmendError(code, `${method} ${path} on ${cluster}: ${answer.status} ${message}`, {
    details: {
      status: answer.status,
      method,
      path,
      errors: said.errors,
      maybeWritten: method !== 'GET' && maybeWritten,
    },
  });
}

/** PVE answered 200 with something that is not what its API documents. */
export function shapeError(occasion: Occasion, problem: string): GitmendError {
  const { method, path, cluster } = occasion;
  return new GitmendError('PVE_ANSWER_INVALID', `${method} ${path} on ${cluster}: ${occasion.clean(problem)}`, {
    details: { status: 200, method, path, errors: {}, maybeWritten: method !== 'GET' },
  });
}

const wireCodes: { [K in WireFault['kind']]: ErrorCode } = {
  unreachable: 'PVE_UNREACHABLE',
  reset: 'PVE_UNREACHABLE',
  untrusted: 'PVE_UNTRUSTED',
  timeout: 'PVE_TIMEOUT',
  'too-large': 'PVE_ANSWER_INVALID',
  malformed: 'PVE_ANSWER_INVALID',
};

function mendOf(code: string, reason: string): string {
  if (code === 'PIN_MISMATCH')
    return '; if you renewed the certificate, write the found one as `fingerprint:`, otherwise somebody is in between';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return '; use a name of the certificate in `endpoint:`';
  if (code === 'CERT_HAS_EXPIRED') return '; renew it on the node: pvecm updatecerts --force';
  if (reason.startsWith(unknownCa))
    return '; copy /etc/pve/pve-root-ca.pem of the node to the file that `ca:` names, or pin the certificate with `fingerprint:`';
  return '';
}

function saidBy(answer: Answer, clean: (text: string) => string): Said {
  const body = asObject(jsonIn(answer.body));
  const errors = Object.fromEntries(
    Object.entries(asObject(body?.['errors']) ?? {})
      .slice(0, 20)
      .map(([parameter, problem]) => [clean(parameter), clean(textOf(problem))]),
  );
  const words = [body?.['message'], answer.statusMessage, body === undefined ? answer.body : ''].map(textOf);
  return { message: clean(words.find((text) => text.trim() !== '') ?? 'without a word'), errors };
}

/**
 * What a status and its words mean. Most of PVE's refusals are a plain `die`, so 500 with a sentence: the sentences
 * come from pve-container, qemu-server, pve-guest-common and pve-common, where they have been stable for years.
 */
function judge(status: number, { message, errors }: Said): Judged {
  const because = (code: ErrorCode, text: string, maybeWritten = false): Judged => ({
    code,
    message: text,
    maybeWritten,
  });
  const listed = Object.entries(errors)
    .map(([parameter, problem]) => `${parameter}: ${problem}`)
    .join('; ');
  const words = listed === '' ? message : `${message.replace(/\.$/, '')}: ${listed}`;
  if (status === 401) return because('PVE_UNAUTHENTICATED', `the API token is not accepted (${words})`);
  if (status === 403) return because('PVE_FORBIDDEN', forbidden(words));
  if (status >= 400 && digestMismatch.test(words)) return because('PVE_CONFLICT', words);
  if (status >= 400 && lockHeld.test(words)) return because('PVE_LOCKED', words);
  if (status === 404 || (status >= 400 && missing.test(words))) return because('PVE_NOT_FOUND', words);
  if (status === 501) return because('PVE_REFUSED', words);
  // Seen in practice: a 400 after the first of several values was already written as pending.
  if (status >= 400 && status < 500) return because('PVE_REFUSED', words, true);
  if (status >= 500) return because('PVE_FAILED', words, true);
  return because('PVE_ANSWER_INVALID', `an answer of this status is not documented (${words})`, true);
}

/** pve-common `assert_if_modified` (containers), qemu-server `update_vm_api` (VMs; “missmatch” before 8.2.5). */
const digestMismatch = /detected modified configuration|checksum miss?match/i;
/** pve-guest-common `check_lock`: `CT is locked (backup)`; pve-common `lock_file`: `can't lock file '…' - got timeout`. */
const lockHeld = /\b(CT|VM)( \d+)? is locked|can't lock file|can't acquire lock/i;
/** pve-guest-common `load_config`, pve-cluster `check_node_exists`, pve-common `remote_node_ip`, tasks. */
const missing = /Configuration file '.*' does not exist|no such cluster node|hostname lookup '.*' failed|no such task/i;

/** `Permission check failed (/vms/200, VM.Config.Memory)`; several privileges stand for any one of them. */
function forbidden(words: string): string {
  const [, path, privileges] = /Permission check failed \((\/[^,()]*), ([^()]+)\)/.exec(words) ?? [];
  if (path === undefined || privileges === undefined) return `the API token may not do this (${words})`;
  return `the API token lacks ${privileges.split('|').join(' or ')} on ${path}`;
}

function asObject(value: unknown): { [key: string]: unknown } | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { [key: string]: unknown })
    : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}
