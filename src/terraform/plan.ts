// Plan records hold plans, so what one is made of lies in the core.
export * from '../core/terraform-plan.ts';
