//go:build tools

// Package provider pins what `npm run test:terraform` builds: the real Terraform provider for Proxmox VE.
package provider

import _ "github.com/bpg/terraform-provider-proxmox"
