import { describe, expect, it } from 'vitest';
import type { CiJob } from '../../src/ci/job.ts';
import { demandSameForge } from '../../src/ci/same-forge.ts';
import type { ForgeConfig } from '../../src/core/config.ts';

const github = (url?: string): ForgeConfig => ({
  kind: 'github',
  repository: 'ops/homelab',
  ...(url === undefined ? {} : { url }),
});
const job = (server: string): CiJob => ({ forge: 'github', repository: 'ops/homelab', server }) as CiJob;

describe('the forge of a job', () => {
  it.each([
    [undefined, 'https://github.com'],
    ['https://www.github.com/', 'https://github.com'],
    ['https://ghe.lan', 'https://ghe.lan'],
    ['https://ghe.lan/', 'https://ghe.lan'],
    // As the API of GitHub Enterprise Server is written, and as `url` may say it.
    ['https://ghe.lan/api/v3', 'https://ghe.lan'],
    ['https://ghe.lan/api/v3/', 'https://GHE.lan/'],
  ])('is that of gitmend.yaml: %s, %s', (url, server) => {
    expect(() => demandSameForge({ forge: github(url) }, job(server))).not.toThrow();
  });

  it.each([
    [undefined, 'https://ghe.lan'],
    ['https://ghe.lan/api/v3', 'https://other.lan'],
    ['https://ghe.lan', 'https://ghe.lan/api'],
  ])('is another one: %s, %s', (url, server) => {
    expect(() => demandSameForge({ forge: github(url) }, job(server))).toThrow(
      /gitmend\.yaml names github ops\/homelab at/,
    );
  });
});
