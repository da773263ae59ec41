import { forgeContract } from '../contract.ts';
import { localForge } from './under-test.ts';

forgeContract('local', localForge);
