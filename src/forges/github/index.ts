export { type GithubForge, type OpenGithubForge, openGithubForge } from './open.ts';
