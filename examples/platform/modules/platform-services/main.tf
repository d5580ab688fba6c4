# What the platform team runs inside the cluster. Charts are pinned; Renovate raises the versions one by one.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.28"
    }
    helm = {
      source  = "hashicorp/helm"
      version = ">= 3.0"
    }
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = ">= 2.38"
    }
  }
}

resource "kubernetes_storage_class_v1" "gp3" {
  metadata {
    name = "gp3"

    annotations = {
      "storageclass.kubernetes.io/is-default-class" = "true"
    }
  }

  storage_provisioner    = "ebs.csi.aws.com"
  volume_binding_mode    = "WaitForFirstConsumer"
  allow_volume_expansion = true

  parameters = {
    type      = "gp3"
    encrypted = "true"
  }
}

resource "helm_release" "cluster_autoscaler" {
  name       = "cluster-autoscaler"
  repository = "https://kubernetes.github.io/autoscaler"
  chart      = "cluster-autoscaler"
  version    = "9.53.0"
  namespace  = "kube-system"

  values = [yamlencode({
    autoDiscovery = { clusterName = var.cluster_name }
    awsRegion     = var.region
    replicaCount  = 2
    rbac          = { serviceAccount = { name = "cluster-autoscaler" } }

    # The autoscaler simulates the scheduler: its minor version follows the cluster.
    image = { tag = "v${var.kubernetes_version}.0" }

    extraArgs = {
      balance-similar-node-groups = true
      expander                    = "least-waste"
    }
  })]
}

resource "helm_release" "load_balancer_controller" {
  name       = "aws-load-balancer-controller"
  repository = "https://aws.github.io/eks-charts"
  chart      = "aws-load-balancer-controller"
  version    = "1.16.0"
  namespace  = "kube-system"

  values = [yamlencode({
    clusterName  = var.cluster_name
    region       = var.region
    vpcId        = var.vpc_id
    replicaCount = 2

    serviceAccount = {
      name        = "aws-load-balancer-controller"
      annotations = { "eks.amazonaws.com/role-arn" = module.load_balancer_controller_irsa.arn }
    }
  })]
}

resource "helm_release" "external_secrets" {
  name             = "external-secrets"
  repository       = "https://charts.external-secrets.io"
  chart            = "external-secrets"
  version          = "1.1.0"
  namespace        = "external-secrets"
  create_namespace = true

  values = [yamlencode({
    replicaCount        = 2
    leaderElect         = true
    podDisruptionBudget = { enabled = true, minAvailable = 1 }
    serviceAccount      = { name = "external-secrets" }
  })]
}

resource "helm_release" "kyverno" {
  name             = "kyverno"
  repository       = "https://kyverno.github.io/kyverno"
  chart            = "kyverno"
  version          = "3.6.1"
  namespace        = "kyverno"
  create_namespace = true

  values = [yamlencode({
    admissionController = { replicas = 3 }
  })]
}

# Application teams deliver through Argo CD; it watches gitops/ of this repository.
resource "helm_release" "argo_cd" {
  name             = "argo-cd"
  repository       = "https://argoproj.github.io/argo-helm"
  chart            = "argo-cd"
  version          = "9.1.6"
  namespace        = "argocd"
  create_namespace = true

  values = [yamlencode({
    redis-ha   = { enabled = true }
    controller = { replicas = 2 }
    server     = { autoscaling = { enabled = true, minReplicas = 2 } }
    repoServer = { autoscaling = { enabled = true, minReplicas = 2 } }
  })]
}

resource "helm_release" "prometheus" {
  name             = "kube-prometheus-stack"
  repository       = "https://prometheus-community.github.io/helm-charts"
  chart            = "kube-prometheus-stack"
  version          = "80.4.1"
  namespace        = "monitoring"
  create_namespace = true

  values = [yamlencode({
    grafana = { enabled = false }

    prometheus = {
      prometheusSpec = {
        replicas  = 2
        retention = "15d"

        storageSpec = {
          volumeClaimTemplate = {
            spec = {
              storageClassName = kubernetes_storage_class_v1.gp3.metadata[0].name
              resources        = { requests = { storage = "100Gi" } }
            }
          }
        }
      }
    }
  })]
}

# On its own, so that dashboards and Prometheus are upgraded independently.
resource "helm_release" "grafana" {
  name             = "grafana"
  repository       = "https://grafana.github.io/helm-charts"
  chart            = "grafana"
  version          = "10.3.0"
  namespace        = "monitoring"
  create_namespace = true

  values = [yamlencode({
    replicas = 2
    admin    = { existingSecret = "grafana-admin" }

    sidecar = {
      dashboards = { enabled = true }
    }
  })]
}

resource "helm_release" "velero" {
  name             = "velero"
  repository       = "https://vmware-tanzu.github.io/helm-charts"
  chart            = "velero"
  version          = "11.2.0"
  namespace        = "velero"
  create_namespace = true

  values = [yamlencode({
    credentials    = { useSecret = false }
    serviceAccount = { server = { name = "velero" } }

    configuration = {
      features = "EnableCSI"

      backupStorageLocation = [{
        name     = "primary"
        provider = "aws"
        bucket   = var.velero_bucket
        config   = { region = var.region }
      }]
    }

    initContainers = [{
      name         = "velero-plugin-for-aws"
      image        = "velero/velero-plugin-for-aws:v1.13.1"
      volumeMounts = [{ name = "plugins", mountPath = "/target" }]
    }]

    schedules = {
      daily = {
        schedule = "0 2 * * *"
        template = { ttl = "720h", snapshotMoveData = true }
      }
    }
  })]
}
