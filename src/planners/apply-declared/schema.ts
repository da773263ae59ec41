import { z } from 'zod';
import { drifting } from '../../declarations/guest/index.ts';

/** Which declared fields become live. */
export const applyDeclaredParameters = z.strictObject({ fields: z.array(z.enum(drifting)).min(1) });
export type ApplyDeclaredParameters = z.infer<typeof applyDeclaredParameters>;
