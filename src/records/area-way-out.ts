import { digestOf, type Json } from '../core/json.ts';
import { counted, listed } from '../texts/words.ts';
import { escapeCode, escapeText } from './escape.ts';
import { body, type PullRequestMarker } from './pull-request.ts';
import { sentence } from './sentence.ts';

/** The pull request that takes back what was merged into `ansible/` and did not come about, or did not help. */
export interface AreaBack {
  /** `undo`: a run that stopped, or a push. `revert`: it was applied, and is not as it shall be. */
  kind: 'undo' | 'revert';
  fingerprint: string;
  cause: { pullRequest: number } | { commit: string };
  /** One sentence. */
  why: string;
  /** Whether nothing is known to have been sent. */
  untouched: boolean;
  /** Files that say again what they said, with what they say then; `null` for one that goes. */
  files: ReadonlyMap<string, string | null>;
  /** What stays as it is on hosts although this is merged, one sentence each. */
  stays: readonly string[];
}

/** Title and body of it. */
export function printAreaBack(way: AreaBack): { title: string; body: string } {
  const { kind, fingerprint, cause, files } = way;
  const proposed = digestOf(Object.fromEntries<Json>(files));
  const of = 'pullRequest' in cause ? { of: cause.pullRequest } : {};
  const marker: PullRequestMarker = { kind, remedy: kind, fingerprint, proposed, ...of };
  return { title: `ansible: take back ${causeWords(cause)}`, body: body(parts(way), marker) };
}

function parts({ kind, cause, why, untouched, files, stays }: AreaBack): string[] {
  const touched = untouched ? ', and no host was touched' : '';
  const paths = [...files.keys()];
  const some = listed(paths.slice(0, 8).map((path) => escapeCode(path)));
  const all = paths.length > 8 ? `${some} and ${counted(paths.length - 8, 'more file')}` : some;
  const first =
    kind === 'revert'
      ? `**ansible/** is not as it shall be after ${causeWords(cause)}: ${sentence(why)}`
      : `**ansible/** is not applied as ${causeWords(cause)} has it${touched}: ${sentence(why)}`;
  return [
    first,
    `**Take it back.** Merging makes ${all} say again what was said before. Its own check below says host by host what that changes.`,
    stays.length === 0
      ? ''
      : `**What this does not undo**\n${stays.map((one) => `- ${escapeText(one, 400)}`).join('\n')}`,
  ];
}

function causeWords(cause: AreaBack['cause']): string {
  return 'pullRequest' in cause ? `#${cause.pullRequest}` : `commit ${escapeText(cause.commit.slice(0, 7))}`;
}

/**
 * What the files of before do not bring back, of what a run did on its hosts. `partly`: it ended on its way. `unpredicted`:
 * tasks of it were such as nobody can predict. `gone`: hosts that the inventory of before does not have.
 */
export function staysWords({
  partly,
  unpredicted,
  gone,
}: {
  partly: boolean;
  unpredicted: boolean;
  gone: readonly string[];
}): string[] {
  return [
    'What a task added under a name that the files of before do not have (a file, a package, a user) stays until somebody takes it away.',
    ...(partly || unpredicted
      ? ['What tasks did that nobody can predict (commands, scripts) stays; they may run again.']
      : []),
    ...(partly
      ? ['A handler that was not reached (a restart) runs only where going back changes what notifies it.']
      : []),
    ...(gone.length === 0
      ? []
      : [
          `${listed([...gone])} ${gone.length === 1 ? 'leaves' : 'leave'} the inventory, so whatever was done there stays as it is.`,
        ]),
  ];
}
