import type { CatalogueEntry } from './errors.ts';

/** What can go wrong with the store of `gitmend serve`; part of the catalogue in errors.ts. */
export const storeErrors = {
  STORE_FULL: {
    action: 'retry',
    means: 'the disk of the store is full, so nothing was stored',
    next: 'make room on that disk; senders try again by themselves, and what was accepted before is still there',
  },
  STORE_READ_ONLY: {
    action: 'needs-human',
    means: 'the store cannot be written, so nothing was stored',
    next: 'check the owner and the mount of the file, or whether DATABASE_URL points at a standby',
  },
  STORE_UNREACHABLE: {
    action: 'retry',
    means: 'the database of the store cannot be reached, so nothing is known to be stored',
    next: 'check DATABASE_URL and the server; gitmend connects again by itself',
  },
  STORE_GONE: {
    action: 'needs-human',
    means: 'the file of the store was deleted or replaced while it was open, so nothing is stored',
    next: 'start gitmend serve again: it opens what is there, or makes a new store; what was kept in the old file is gone',
  },
  STORE_FAILED: {
    action: 'retry',
    means: 'the store did not do what was asked',
    next: 'read what the database said; what was accepted before is still there',
  },
  STORE_NEWER: {
    action: 'needs-human',
    means: 'the store was written by a newer gitmend',
    next: 'install that version again, or start with an empty store: records are in git',
  },
} as const satisfies { [code: string]: CatalogueEntry };
