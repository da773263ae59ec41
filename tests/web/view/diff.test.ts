import { describe, expect, it } from 'vitest';
import { parseDiff } from '../../../src/web/view/diff.ts';

const one = `diff --git a/guests/postgres.yaml b/guests/postgres.yaml
index 1..2 100644
--- a/guests/postgres.yaml
+++ b/guests/postgres.yaml
@@ -5,3 +5,3 @@ vmid: 200
 cores: 2
-memory: 2048      # MiB
+memory: 3072      # MiB
`;

describe('a difference', () => {
  it('has its lines with sign and number on either side', () => {
    const { files } = parseDiff(one);
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({ path: 'guests/postgres.yaml', added: 1, removed: 1 });
    expect(files[0]?.hunks[0]?.lines).toEqual([
      { sign: ' ', text: 'cores: 2', before: 5, after: 5 },
      { sign: '-', text: 'memory: 2048      # MiB', before: 6, after: undefined },
      { sign: '+', text: 'memory: 3072      # MiB', before: undefined, after: 6 },
    ]);
  });

  it.each([
    ['new file mode 100644', 'new file'],
    ['deleted file mode 100644', 'deleted'],
    ['rename from guests/a.yaml', 'renamed from guests/a.yaml'],
    ['Binary files a/x and b/x differ', 'not text'],
  ])('says of a file with %j that it is: %s', (line, note) => {
    expect(parseDiff(`diff --git a/x b/x\n${line}\n`).files[0]?.note).toBe(note);
  });

  it('does not take a removed line of dashes for the head of a file', () => {
    const { files } = parseDiff('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n--- a comment\n+++ another\n');
    expect(files[0]).toMatchObject({ added: 1, removed: 1 });
    expect(files[0]?.hunks[0]?.lines.map(({ text }) => text)).toEqual(['-- a comment', '++ another']);
  });

  it('has the name that stands alone where its heading can be read in two ways', () => {
    const name = 'x b/guests/postgres.yaml';
    const { files } = parseDiff(
      `diff --git a/${name} b/${name}\n--- a/${name}\t\n+++ b/${name}\t\n@@ -1 +1 @@\n-a\n+b\n`,
    );
    expect(files[0]).toMatchObject({ path: name, added: 1, removed: 1 });
  });

  it('says how many lines it leaves out', () => {
    const long = `diff --git a/x b/x\n@@ -0,0 +1,9999 @@\n${'+x\n'.repeat(9999)}`;
    const { files, left } = parseDiff(long);
    expect(files[0]?.added).toBe(1998);
    expect(left).toBe(10_002 - 2000);
  });

  it('is empty for anything that is none', () => {
    expect(parseDiff('hello\n@@ -1 +1 @@\n+x')).toEqual({ files: [], left: 0 });
  });
});
