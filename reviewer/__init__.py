"""EKS Review: reviews Terraform pull requests for EKS platforms."""

from typing import Final

__version__: Final = "0.1.0"
PROJECT_URL: Final = "https://github.com/eks-review/eks-review"
