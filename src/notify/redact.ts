import { secretShape } from '../config/secrets.ts';

const privateKey = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g;
const named = /\b((?:pass(?:word|wd)?|secret|token|api[_-]?key)["']?\s*[=:]\s*|(?:Bearer|Basic)\s+)[^\s"',;]{4,}/gi;

/**
 * Takes the values of known secrets, as they are and as they stand in an address, out of a text; and every word that
 * cannot be anything but a secret. What is left may go to a phone.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  // A value of a few letters is no secret, and would blot out ordinary words. Longest first: one may hold another.
  const known = [...new Set(secrets)].filter((secret) => secret.length >= 8).toSorted((a, b) => b.length - a.length);
  const forms = known.flatMap((secret) => [secret, encodeURIComponent(secret)]);
  return (text) => {
    const blotted = forms.reduce((rest, form) => rest.replaceAll(form, '[redacted]'), text);
    return blotted
      .replace(privateKey, '[redacted]')
      .replace(named, '$1[redacted]')
      .replace(/\S+/g, (word) => (secretShape(word) === undefined ? word : '[redacted]'));
  };
}
