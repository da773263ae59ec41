import { z } from 'zod';
import { textLike, versionOne } from '../../config/fields.ts';
import { say } from '../../config/read-yaml.ts';
import { shown } from '../../config/words.ts';
import { parseGuestTarget } from '../../core/target.ts';
import { drifting } from '../guest/index.ts';

/** A ULID as it is printed: upper case, its first ten letters are the time it was made. */
export const ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

const line = (most: number) =>
  z
    .string()
    .min(1, { error: () => say('is empty') })
    .max(most, { error: () => say(`is longer than ${most} characters`, 'say it shorter') });

const size = z.strictObject({ cores: z.int().min(1), memory: z.int().min(16), swap: z.int().min(0) }).partial();
const values = size.refine((set) => Object.keys(set).length > 0, { error: () => say('names no value') });

const action = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('set-guest-config'), set: values }),
  z.strictObject({ kind: z.literal('reboot-guest'), makes: values }),
]);

const parameters = z.strictObject({
  fields: z
    .array(z.enum(drifting))
    .min(1, { error: () => say('names no field', `write one of ${drifting.join(', ')}`) })
    .refine((fields) => new Set(fields).size === fields.length, {
      error: () => say('names a field twice', 'name each once'),
    }),
});

/** operations/<id>.yaml, but for what needs the file's name and the time (read.ts). */
export const operationSchema = z.strictObject({
  version: versionOne(),
  id: textLike(ulidPattern, 'a ULID'),
  remedy: z.enum(['apply-declared']),
  target: z.string().refine((text) => parseGuestTarget(text) !== undefined, {
    error: ({ input }) => say(`${shown(input)} is not a target`, 'write cluster/lxc/vmid or cluster/qemu/vmid'),
  }),
  parameters,
  reason: line(500),
  evidence: z.array(line(500)).max(50).exactOptional(),
  expectedState: z.templateLiteral(['sha256:', z.string().regex(/^[0-9a-f]{64}$/)], {
    error: ({ input }) =>
      input === undefined ? undefined : say(`${shown(input)} is not a digest`, 'write sha256: and 64 hex digits'),
  }),
  expiresAt: z.iso.datetime({
    error: ({ input }) =>
      input === undefined ? undefined : say(`${shown(input)} is not a time in UTC`, 'write 2026-11-24T03:34:00Z'),
  }),
  inverse: action.exactOptional(),
  irreversible: z.literal(true).exactOptional(),
});
