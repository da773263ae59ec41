import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';

/** Writes objects into one repository, without a process for each. Resolves with the object's id when it is there. */
export type ObjectWriter = (type: 'blob' | 'tree' | 'commit', bytes: Buffer) => Promise<string>;

const deflated = promisify(deflate);

/**
 * Loose objects as git itself lays them down (gitrepository-layout(5)): `objects/<2>/<38>`, read-only, compressed at git's own
 * level, made beside their place and then moved there, so that nobody ever reads half of one. Like git, nothing is
 * waited for to be on the disk: what counts is what a push brought to the remote. SHA-1, as every mirror is made.
 */
export function looseObjects(folder: string): ObjectWriter {
  return async (type, bytes) => {
    const whole = Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]);
    const id = createHash('sha1').update(whole).digest('hex');
    const place = join(folder, 'objects', id.slice(0, 2));
    const path = join(place, id.slice(2));
    if (await isFresh(path)) return id;
    await mkdir(place, { recursive: true });
    // Git's own name for what is not finished: its housekeeping removes what a killed process leaves.
    const next = join(place, `tmp_obj_${randomUUID()}`);
    try {
      await writeFile(next, await deflated(whole, { level: 1 }), { flag: 'wx', mode: 0o444 });
      await rename(next, path);
    } catch (error) {
      await rm(next, { force: true });
      throw error;
    }
    return id;
  };
}

/** Whether it is there; its time becomes now, so that no housekeeping takes it for one that nobody wants. */
async function isFresh(path: string): Promise<boolean> {
  const now = new Date();
  return utimes(path, now, now).then(
    () => true,
    () => false,
  );
}
