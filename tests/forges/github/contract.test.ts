import { forgeContract } from '../contract.ts';
import { githubStandIn } from './stand-in.ts';

forgeContract('github, a stand-in, with a token', () => githubStandIn('token'));
