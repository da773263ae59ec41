import { examineAnsible } from './ansible.ts';
import { attempt, type Finding } from './finding.ts';
import { examineForge } from './forge.ts';
import { examineMachine } from './machine.ts';
import { examineNotify } from './notify.ts';
import type { Patient } from './patient.ts';
import { examineClusters } from './proxmox.ts';
import { examineRepository } from './repository.ts';
import { examineTelemetry } from './telemetry.ts';
import { examineTerraform } from './terraform.ts';
import { examineVariables } from './variables.ts';

export type { Finding } from './finding.ts';
export type { AnsiblePatient, Patient, TerraformPatient } from './patient.ts';
export { printFindings } from './print.ts';

/**
 * Tries everything that gitmend.yaml names, as one role would use it, and changes nothing. Every finding has its mend;
 * what one attempt meets keeps no other from being made. Never rejects, never holds a secret.
 */
export async function examine(patient: Patient): Promise<Finding[]> {
  const machine = await examineMachine(patient);
  const { tree, config, findings } = await examineRepository(patient);
  if (config === undefined) return [...machine, ...findings];
  const named = await Promise.all([
    examineClusters(patient, config, tree),
    attempt('forge', () => examineForge(patient, config)),
    examineTelemetry(patient, config),
    examineNotify(patient, config),
  ]);
  // After the forge: both look into the same mirror of its repository.
  const terraform = await examineTerraform(patient, config, tree);
  const ansible = await examineAnsible(patient, config, tree);
  return [...machine, ...findings, ...examineVariables(patient, config), ...named.flat(), ...terraform, ...ansible];
}
