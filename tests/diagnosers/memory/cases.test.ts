import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Signal } from '../../../src/core/signal.ts';
import { memoryDiagnoser } from '../../../src/diagnosers/memory/index.ts';
import { type CaseFile, inputOf } from './case-file.ts';

const cases = join(import.meta.dirname, 'cases');

describe('the memory diagnoser decides', () => {
  for (const name of readdirSync(cases).sort()) {
    it(name.replaceAll('-', ' '), () => {
      const expected = read(name, 'expected.json') as { why: string; diagnosis: object };
      const input = inputOf(read(name, 'signal.json') as Signal, read(name, 'facts.json') as CaseFile);
      expect(memoryDiagnoser.takes(input.signal)).toBe(true);
      expect(memoryDiagnoser.decide(input)).toMatchObject(expected.diagnosis);
    });
  }

  it('has a reason written down in every case', () => {
    for (const name of readdirSync(cases)) {
      expect(existsSync(join(cases, name, 'facts.json')), name).toBe(true);
      expect((read(name, 'expected.json') as { why: string }).why.length, name).toBeGreaterThan(10);
    }
  });
});

function read(name: string, file: string): unknown {
  return JSON.parse(readFileSync(join(cases, name, file), 'utf8'));
}
