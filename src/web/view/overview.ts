import type { Truth } from '../../deliver/truth.ts';
import { type FlightView, pendingFlight, unapprovedFlight, verifyingFlight } from './flights.ts';
import { type IncidentView, incidentsOf } from './incidents.ts';
import { type LogRow, logRows } from './log.ts';
import { type NeedView, needsOf, needsViewer, pullRequestNeed } from './needs.ts';
import type { Picture, Viewer } from './picture.ts';
import { runsIn } from './runs.ts';
import { amount } from './words.ts';

export interface OverviewView {
  tone: 'calm' | 'attention' | 'trouble' | 'starting';
  headline: string;
  /** What everything below is based on. */
  basis: string[];
  at: string;
  needs: NeedView[];
  /** Open pull requests that wait for somebody else, or for gitmend. */
  open: NeedView[];
  pending: FlightView[];
  verifying: FlightView[];
  unapproved: FlightView[];
  incidents: IncidentView[];
  log: LogRow[];
  /** Deliveries that nobody has looked at yet. */
  waiting: number;
}

/** The first page: what needs this person, what is under way, what was seen, what happened. */
export function overviewOf(picture: Picture, viewer: Viewer, now: number): OverviewView {
  const { truth, waiting, at } = picture;
  const runs = truth === undefined ? [] : runsIn(truth);
  const needs = needsOf(picture, viewer, now);
  const flights = {
    pending: runs.flatMap(pendingFlight),
    verifying: runs.flatMap((run) => verifyingFlight(run, Date.parse(at))),
  };
  return {
    tone: toneOf(picture, needs.length),
    headline: headlineOf(picture, needs.length, flights.pending.length + flights.verifying.length),
    basis: basisOf(truth),
    at,
    needs,
    open: picture.open.filter((one) => !needsViewer(one, viewer)).map(pullRequestNeed),
    ...flights,
    unapproved: picture.divergences.map(unapprovedFlight),
    incidents: incidentsOf(picture).slice(0, 12),
    log: logRows(truth?.records ?? []).slice(0, 8),
    waiting,
  };
}

function toneOf({ truth, problem }: Picture, needs: number): OverviewView['tone'] {
  if (problem !== undefined) return 'trouble';
  if (truth === undefined) return 'starting';
  return needs > 0 ? 'attention' : 'calm';
}

function headlineOf({ truth, problem, open, divergences }: Picture, needs: number, moving: number): string {
  if (problem !== undefined) return 'gitmend cannot look now';
  if (truth === undefined) return 'Looking for the first time';
  if (needs > 0) return `${amount(needs, 'thing')} ${needs === 1 ? 'needs' : 'need'} you`;
  if (moving > 0) return `${amount(moving, 'change')} ${moving === 1 ? 'is' : 'are'} on the way, nothing needs you`;
  if (open.length > 0)
    return `${amount(open.length, 'pull request')} ${open.length === 1 ? 'is' : 'are'} open, nothing needs you`;
  return divergences.length > 0 ? 'Something is declared that nobody approved' : 'All is as declared';
}

function basisOf(truth: Truth | undefined): string[] {
  if (truth === undefined) return [];
  const { head, rules, records } = truth;
  return [
    `${amount(head.guests.size, 'guest')} declared at ${head.commit.slice(0, 7)}`,
    `rules of ${rules.commit.slice(0, 7)} in force`,
    amount(records.length, 'record'),
  ];
}
