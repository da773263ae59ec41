/**
 * What kind of secret a text looks like, or `undefined`. Only shapes that are a secret beyond doubt: a credential is
 * named in these files (`env:NAME`), never written. The caller must not print the text.
 */
export function secretShape(text: string): string | undefined {
  return shapes.find(([, shape]) => shape.test(text))?.[0];
}

// Every repetition has an end: the text is a stranger's, and may be made to be slow to search.
const shapes: readonly (readonly [string, RegExp])[] = [
  ['an API token of Proxmox VE', /[^\s@]@[a-z0-9-]{1,64}![^\s=]{1,128}=[a-z0-9-]{8}/i],
  ['a private key', /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----/],
  ['a token of GitHub', /\b(?:gh[opsur]_|github_pat_)[A-Za-z0-9_]{16}/],
  ['a token of GitLab', /\bglpat-[A-Za-z0-9_-]{16}/],
  ['a token of Slack', /\bxox[abeprs]-[A-Za-z0-9-]{10}/],
  ['a web hook whose address is the secret', /hooks\.slack\.com\/services\/|discord(?:app)?\.com\/api\/webhooks\//i],
  ['a signed token (JWT)', /\beyJ[A-Za-z0-9_-]{8,400}\.eyJ[A-Za-z0-9_-]{8}/],
  ['a password in an address', /:\/\/[^/\s:@]{0,128}:[^/\s@]{1,256}@/],
  ['an access key of AWS', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
];
