import { forgeContract } from '../contract.ts';
import { giteaStandIn } from './stand-in.ts';

forgeContract('gitea, a stand-in', giteaStandIn);
