import type { Measurement } from '../measurement.ts';
import { acknowledgement } from './acknowledgement.ts';
import { coldStart } from './cold-start.ts';
import { forge } from './forge.ts';
import { idle } from './idle.ts';
import { importing } from './import.ts';
import { plan } from './plan.ts';
import { prToPlan } from './pr-to-plan.ts';
import { resume } from './resume.ts';
import { signalToPr } from './signal-to-pr.ts';
import { storm } from './storm.ts';

/** Everything that `npm run bench` measures, in its order. A test holds this list equal to the files beside it. */
export const measurements: readonly Measurement[] = [
  coldStart,
  idle,
  acknowledgement,
  signalToPr,
  forge,
  prToPlan,
  resume,
  storm,
  importing,
  plan,
];
