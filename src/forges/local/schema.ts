export const schemaVersion = 2;

const said = `
CREATE TABLE comment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  number INTEGER NOT NULL,
  author TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  edited INTEGER NOT NULL DEFAULT 0,
  change INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX comments_of ON comment (number);
CREATE TABLE issue (
  number INTEGER PRIMARY KEY,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  labels TEXT NOT NULL,
  author TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE TABLE reaction (
  comment INTEGER NOT NULL REFERENCES comment,
  reaction TEXT NOT NULL,
  account TEXT NOT NULL,
  PRIMARY KEY (comment, reaction, account)
) STRICT;`;

/** From the version of their index on to the next: what an earlier gitmend wrote is kept. */
export const upgrades: readonly string[] = [
  '',
  `ALTER TABLE comment RENAME TO comment_before; DROP INDEX comments_of; ${said}
INSERT INTO comment SELECT id, number, author, body, created_at, updated_at, created_at <> updated_at, id FROM comment_before;
DROP TABLE comment_before`,
];

/**
 * What a forge holds beside git. Pull requests and issues share their numbers. `change` orders all changes of pull
 * requests, and of comments: it only grows, and a reader's cursor is the largest one seen. `attempt` is the intent of a
 * merge, durable before the ref moves.
 */
export const schema = `
CREATE TABLE pull_request (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  labels TEXT NOT NULL,
  author TEXT NOT NULL,
  branch TEXT NOT NULL,
  base TEXT NOT NULL,
  head TEXT NOT NULL,
  gone INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'merged')),
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  merged_at TEXT,
  merged_by TEXT,
  merge_commit TEXT,
  merged_onto TEXT,
  commits INTEGER,
  closed_by TEXT,
  closed_at TEXT,
  change INTEGER NOT NULL UNIQUE
) STRICT;
CREATE UNIQUE INDEX one_open_per_branch ON pull_request (branch, base) WHERE state = 'open';
CREATE INDEX by_merge_commit ON pull_request (merge_commit);
CREATE TABLE attempt (
  merge_commit TEXT PRIMARY KEY,
  number INTEGER NOT NULL REFERENCES pull_request,
  onto TEXT NOT NULL,
  head TEXT NOT NULL,
  commits INTEGER NOT NULL,
  by TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
${said}
CREATE TABLE review (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  number INTEGER NOT NULL REFERENCES pull_request,
  author TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('approved', 'changes-requested', 'commented')),
  head TEXT NOT NULL,
  body TEXT NOT NULL,
  submitted_at TEXT NOT NULL,
  dismissed_by TEXT,
  dismissed_at TEXT,
  dismissed_because TEXT
) STRICT;
CREATE INDEX reviews_of ON review (number);
CREATE TABLE status (
  head TEXT NOT NULL,
  context TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'success', 'failure', 'error')),
  description TEXT NOT NULL,
  by TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  PRIMARY KEY (head, context)
) STRICT;
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`;
