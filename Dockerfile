# The image of the GitHub action; the runner builds it from action.yml with this folder as context.
# Every byte of it that is code comes from the digest below, from the hashed lock, or from this repository;
# git alone comes from Debian's signed archive.
FROM python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285 AS base

FROM base AS build
RUN python -m venv --without-pip /opt/venv
COPY requirements/runtime.lock /build/runtime.lock
RUN --mount=type=cache,target=/root/.cache/pip \
    pip --python /opt/venv/bin/python install --disable-pip-version-check --no-input \
        --require-hashes --no-deps --only-binary=:all: -r /build/runtime.lock
COPY reviewer/ /opt/venv/lib/python3.13/site-packages/reviewer/

FROM base
LABEL org.opencontainers.image.title="EKS Review" \
      org.opencontainers.image.description="Reviews Terraform pull requests for EKS platforms" \
      org.opencontainers.image.url="https://github.com/eks-review/eks-review" \
      org.opencontainers.image.source="https://github.com/eks-review/eks-review" \
      org.opencontainers.image.documentation="https://github.com/eks-review/eks-review#readme" \
      org.opencontainers.image.licenses="Apache-2.0"
# Of git only the program itself, which reads repositories: no helpers for remotes and scripts, and none of the Perl, HTTP,
# TLS and mail libraries that these need, seven eighths of the download. apt checks Debian's signature, and dpkg's list
# has git, so that scanners find it. No version is named: Debian keeps only the newest, and a pinned one would break
# the build at its next fix. What installs Python packages has done its work in the stage before.
RUN apt-get update \
 && apt-get download git \
 && dpkg --install --force-depends --path-exclude='/usr/lib/git-core/*' git_*.deb \
 && rm -rf git_*.deb /var/lib/apt/lists/* /usr/local/bin/pip* \
      /usr/local/lib/python3.13/ensurepip /usr/local/lib/python3.13/site-packages/pip*
COPY --from=build /opt/venv /opt/venv
# A container forgets what it compiles: write the byte code and python-hcl2's grammar now, which spares 1.7 s a start.
RUN ["/opt/venv/bin/python", "-I", "-c", "import compileall, github, hcl2, jinja2, msgspec, reviewer.__main__, rich.console, tree_sitter, unidiff, yaml; hcl2.loads('a = 1\\n'); assert compileall.compile_dir(reviewer.__path__[0], quiet=1)"]
# No USER: GitHub runs container actions as root and owns their files so. No WORKDIR: the runner sets it, to the
# checkout of the pull request. That folder is hostile, and -I keeps it out of the import path; -I also makes Python
# deaf to PYTHON* variables, hence -u (unbuffered log) and -B (no byte code in a container about to go).
ENTRYPOINT ["/opt/venv/bin/python", "-I", "-u", "-B", "-m", "reviewer", "action"]
