import { z } from 'zod';

/** The values of Prometheus are texts, because JSON has neither NaN nor infinity. */
const number = z.string().transform((text) => numbers.get(text) ?? Number(text));
const numbers: ReadonlyMap<string, number> = new Map([
  ['+Inf', Infinity],
  ['-Inf', -Infinity],
]);

/** [seconds since the epoch, value] */
const point = z.tuple([z.number(), number]);
const labels = z.record(z.string(), z.string());

const vector = z.object({
  resultType: z.literal('vector'),
  result: z.array(z.object({ metric: labels, value: point })),
});
const matrix = z.object({
  resultType: z.literal('matrix'),
  result: z.array(z.object({ metric: labels, values: z.array(point) })),
});

/** `GET /api/v1/query` and `/api/v1/query_range` when they answer 200 (docs: Prometheus, HTTP API). */
export const queryAnswer = z.object({
  status: z.literal('success'),
  data: z.discriminatedUnion('resultType', [vector, matrix]),
  /** What was left out, by Thanos and the like; absent from a plain Prometheus. */
  warnings: z.array(z.string()).optional(),
});

/** The same when they do not. */
export const errorAnswer = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

/** `GET /api/v1/status/buildinfo`. */
export const buildInfo = z.object({ status: z.literal('success'), data: z.object({ version: z.string() }) });
