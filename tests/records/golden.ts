import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const folder = new URL('golden/', import.meta.url);

/**
 * Holds a text that people read equal to tests/records/golden/<name>. GITMEND_UPDATE_GOLDEN=1 writes the files anew;
 * then read the difference as a person would.
 */
export function expectGolden(name: string, text: string): void {
  const file = new URL(name, folder);
  if (process.env['GITMEND_UPDATE_GOLDEN'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
