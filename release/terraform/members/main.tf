# The members' stacks of an organisation: a service-managed stack set of member.yaml of this release, in the accounts of the units
# that are there and that come later. With the provider of the account that administers stack sets, which need not be the
# network's. The network's stack makes such a set itself where it is given MemberUnits: take the one or the other.

terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "network" {
  description = "`stack` of the module `network`, of the same release."
  type = object({
    NetworkName       = string
    NetworkAccountId  = string
    ServiceNetworkArn = string
    TagPrefix         = string
  })
}

variable "units" {
  description = "Organisational units whose accounts get member.yaml; the management account never does. Ids that are known when planned."
  type        = set(string)
}

variable "call_as" {
  description = "DELEGATED_ADMIN, or SELF where the provider's account is the organisation's management account."
  type        = string
  default     = "DELEGATED_ADMIN"
}

variable "parameters" {
  description = "More of member.yaml's parameters: RolePath, BoundaryPolicy, ExtraTagKeys, MemberAlarms, HostedZoneArns, RecordDomains, AssociateZones."
  type        = map(string)
  default     = {}
}

variable "tags" {
  description = "Tags of the stack set, of its stacks and of all that they make."
  type        = map(string)
  default     = {}
}

resource "aws_cloudformation_stack_set" "members" {
  name             = "onramp-${var.network.NetworkName}"
  description      = "Lattice Onramp, the members' side of network ${var.network.NetworkName}"
  permission_model = "SERVICE_MANAGED"
  call_as          = var.call_as
  template_body    = file("${path.module}/../../member.yaml")
  parameters       = merge(var.network, var.parameters)
  capabilities     = ["CAPABILITY_NAMED_IAM"]
  tags             = var.tags

  auto_deployment {
    enabled                          = true
    retain_stacks_on_account_removal = false
  }

  managed_execution {
    active = true
  }

  operation_preferences {
    max_concurrent_percentage    = 25
    failure_tolerance_percentage = 10
    region_concurrency_type      = "PARALLEL"
  }

  lifecycle {
    ignore_changes = [administration_role_arn] # a service-managed set has none, and the provider would look for one
  }
}

# One for each unit: the provider replaces what has other units than before, which takes every member's stack away and makes it anew.
resource "aws_cloudformation_stack_set_instance" "members" {
  for_each       = var.units
  stack_set_name = aws_cloudformation_stack_set.members.name
  call_as        = var.call_as

  deployment_targets {
    organizational_unit_ids = [each.value]
  }

  operation_preferences {
    max_concurrent_percentage    = 25
    failure_tolerance_percentage = 10
    region_concurrency_type      = "PARALLEL"
  }

  lifecycle {
    ignore_changes = [operation_preferences] # the provider would change them by an account's id, where it has a unit's
  }
}
