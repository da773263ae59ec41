import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prometheusClient, selector } from '../../../src/clients/prometheus/index.ts';
import { GitmendError } from '../../../src/core/errors.ts';
import { serve, serveText } from '../../support/http.ts';
import type { Listening } from '../../support/loopback.ts';
import { hasPrometheus, startPrometheus } from '../../support/prometheus.ts';

const now = 1_795_145_640;

/** What a promise is rejected with. */
async function failure(promise: Promise<unknown>): Promise<GitmendError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GitmendError);
  return error as GitmendError;
}

describe('what answers badly', () => {
  it('is unreachable where nothing listens, and says why', async () => {
    const error = await failure(prometheusClient({ url: 'http://127.0.0.1:9' }).query('up', now));
    expect(error.code).toBe('PROMETHEUS_UNREACHABLE');
    expect(error.message).toMatch(/^Prometheus at http:\/\/127\.0\.0\.1:9: (bad port|.*ECONNREFUSED)/);
  });

  it('is unreachable where it takes too long', async () => {
    const url = await serve(() => undefined);
    const error = await failure(prometheusClient({ url, timeout: 50 }).query('up', now));
    expect(error.message).toContain('it did not answer in time');
  });

  it('is unreachable where it never ends', async () => {
    const url = await serve((_request, response) => response.writeHead(200).write('{"status":'));
    const error = await failure(prometheusClient({ url, timeout: 50 }).query('up', now));
    expect(error.message).toContain('it did not answer in time');
  });

  it('refuses a query by its own words, capped and in one line', async () => {
    const said = { status: 'error', errorType: 'execution', error: `too\nmany${'!'.repeat(500)}` };
    const url = await serveText(422, JSON.stringify(said));
    const error = await failure(prometheusClient({ url }).query('up', now));
    expect(error.code).toBe('PROMETHEUS_REFUSED');
    expect(error.message).toContain('answered 422: execution: too many!!!');
    expect(error.message.length).toBeLessThan(300);
  });

  it.each([
    [401, 'PROMETHEUS_REFUSED'],
    [404, 'PROMETHEUS_REFUSED'],
    [500, 'PROMETHEUS_UNREACHABLE'],
    [503, 'PROMETHEUS_UNREACHABLE'],
  ])('of status %i without a word is %s', async (status, code) => {
    const url = await serveText(status, '<html>');
    expect((await failure(prometheusClient({ url }).query('up', now))).code).toBe(code);
  });

  it.each([
    ['', 'is empty'],
    ['<html>Grafana</html>', 'differs at'],
    [
      '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":["x","1"]}]}}',
      'differs at data',
    ],
    ['{"status":"success","data":{"resultType":"scalar","result":[1,"1"]}}', 'differs at data'],
  ])('with 200 and %j is no Prometheus', async (text, words) => {
    const url = await serveText(200, text);
    const error = await failure(prometheusClient({ url }).query('up', now));
    expect(error.code).toBe('PROMETHEUS_ANSWER_INVALID');
    expect(error.message).toContain(words);
  });

  it('is not read further than its limit', async () => {
    let sent = 0;
    const url = await serve((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536))) sent += 65_536;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const error = await failure(prometheusClient({ url, largestAnswer: 100_000 }).query('up', now));
    expect(error.message).toContain('larger than 100000 bytes');
    expect(sent).toBeLessThan(50_000_000);
  });

  it('may not send it elsewhere', async () => {
    const asked: string[] = [];
    const other = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(200).end('{}');
    });
    const url = await serveText(302, '', { location: `${other}/` });
    expect((await failure(prometheusClient({ url }).query('up', now))).code).toBe('PROMETHEUS_UNREACHABLE');
    expect(asked).toEqual([]);
  });
});

describe('what answers well', () => {
  it('keeps what JSON cannot hold: no number and infinities', async () => {
    const value = (text: string) => ({ metric: { text }, value: [now, text] });
    const data = { resultType: 'vector', result: ['NaN', '+Inf', '-Inf', '1e3'].map(value) };
    const url = await serveText(200, JSON.stringify({ status: 'success', data, warnings: ['half is missing'] }));
    const { series, warnings } = await prometheusClient({ url }).query('x', now);
    expect(series.map(({ points }) => points[0]?.[1])).toEqual([NaN, Infinity, -Infinity, 1000]);
    expect(warnings).toEqual(['half is missing']);
  });

  it('is asked below the path that it is behind', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}');
    });
    await prometheusClient({ url: `${url}/prometheus` }).queryRange('up', { start: 1, end: 2, step: 60 });
    expect(asked).toEqual(['/prometheus/api/v1/query_range?query=up&start=1&end=2&step=60&timeout=10s']);
  });
});

describe.skipIf(!hasPrometheus())('a real Prometheus', () => {
  const nasty = ['a"b', 'a\\b', 'a.b', '.*', 'a|b', 'a\nb', '{x="y"}', 'ä', '$1', '[a-z]+', '(?i)a', "a'b", '%41'];
  const other = 'something else';
  let prometheus: Listening;
  beforeAll(async () => {
    const escape = (text: string): string => text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
    prometheus = await startPrometheus(
      [...nasty, other].map((text) => [`nasty{text="${escape(text)}"}`, [[now - 10, 1]]] as const),
    );
  });
  afterAll(() => prometheus.stop());

  it.each(nasty)('finds exactly the series whose label is %j', async (text) => {
    const client = prometheusClient({ url: prometheus.url });
    for (const matcher of [text, { oneOf: [text, 'nothing'] }]) {
      const { series } = await client.query(selector({ __name__: 'nasty', text: matcher }), now);
      expect(series.map(({ labels }) => labels['text'])).toEqual([text]);
    }
    const others = await client.query(selector({ __name__: 'nasty', text: { noneOf: [text] } }), now);
    expect(others.series).toHaveLength(nasty.length);
  });

  it('gives raw samples with their own times', async () => {
    const expression = `${selector({ __name__: 'nasty', text: other })}[5m]`;
    const { series } = await prometheusClient({ url: prometheus.url }).query(expression, now);
    expect(series[0]?.points).toEqual([[now - 10, 1]]);
  });

  it('refuses what is no PromQL', async () => {
    const error = await failure(prometheusClient({ url: prometheus.url }).query('up{', now));
    expect(error.code).toBe('PROMETHEUS_REFUSED');
    expect(error.message).toMatch(/answered 400: bad_data: invalid parameter "query"/);
  });

  it('says its version', async () => {
    expect(await prometheusClient({ url: prometheus.url }).version()).toMatch(/^\d+\.\d+/);
  });
});

describe('a selector', () => {
  it('has only names that are names', () => {
    expect(() => selector({ 'a"': 'b' })).toThrow(RangeError);
    expect(() => selector({ '1a': 'b' })).toThrow(RangeError);
  });
});
