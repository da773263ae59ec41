import { z } from 'zod';

/** What a resize sets: memory and swap in MiB. At least one. */
export const resizeParameters = z
  .strictObject({
    memory: z.number().int().min(16).exactOptional(),
    swap: z.number().int().min(0).exactOptional(),
    cores: z.number().int().min(1).exactOptional(),
  })
  .refine((values) => Object.keys(values).length > 0, { error: 'names nothing to resize' });
export type ResizeParameters = z.infer<typeof resizeParameters>;
