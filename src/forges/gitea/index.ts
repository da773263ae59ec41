export { type GiteaForge, type OpenGiteaForge, openGiteaForge } from './open.ts';
