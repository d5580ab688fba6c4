"""Good input for every target, to be cut, doubled and mixed up."""

from __future__ import annotations

SEEDS: dict[str, tuple[str, ...]] = {
    "syntax": (
        'resource "a" "b" {\n  name = "x-${var.y}" # note\n  nested {\n    list = [1, "2", true]\n  }\n}\n',
        "locals {\n  a = <<-E\n    x ${1 + 1}\n  E\n  b = { for k, v in {} : k => v... if v }\n}\n",
        "/* eks-review:ignore */ a = 1 // b\n# ä\r\n",
    ),
    "json_syntax": (
        '{"resource": {"a": {"b": {"name": "${var.x}", "list": [1, {"c": null}]}}}, "//": "x"}',
        '{"locals": [{"x": 1e5}, {"y": "%{if true}a%{endif}"}]}',
    ),
    "expression": (
        'format("%05.2f|%-5s|%[1]q", 1.5, "a")',
        '[for i, x in range(3) : cidrsubnet("10.0.0.0/8", 8, i) if x > 0]',
        'merge({ a = 1 }, { "b" : [for x in ["c"] : upper(x)] }, yamldecode("d: [1, 2]"))',
        'try(jsondecode("{}").a, regexall("(a+)(b?)", "aab"), null)[0] == "x" ? -1 : !true || 1 % 2 >= 3',
        "<<E\n%{for x in [1]~}\n${x}\n%{endfor}\nE\n",
        'flatten([["a"], setunion(["b"], ["c"])])[*].x.0',
    ),
    "template_file": (
        "%{ for i in items ~}\n${i} ${name}\n%{ endfor ~}\n%{ if true }$${x}%{ else }%%{ %{ endif }",
    ),
    "diff": (
        (
            "diff --git a/x.tf b/x.tf\nindex 1..2 100644\n--- a/x.tf\n+++ b/x.tf\n@@ -1,2 +1,3 @@ head\n a\n-b\n+c\n+d\n"
            "\\ No newline at end of file\n"
        ),
        'diff --git "a/\\303\\244.tf" "b/z\\"q.tf"\nsimilarity index 90%\nrename from "\\303\\244.tf"\nrename to z\n',
        "diff --git a/b b/b\nnew file mode 100644\nBinary files /dev/null and b/b differ\n",
    ),
    "hunks": ("@@ -1 +1,2 @@\n-a\n+b\n+c\n@@ -9,1 +10,1 @@ x\n a\n",),
    "suppressions": (
        'EKS-SEC-107 reason="VPN only" until=2027-03-01',
        'api-endpoint-open-to-world, EKS-REL-101 reason="a \\" b" until=2026-12-31 // x',
    ),
    "configuration": (
        "fail-on: high\nignore: [EKS-SEC]\npaths:\n  - path: 'a/**'\n    ignore: [EKS-REL-101]\n",
        "severity: {EKS-SEC-107: low}\nrequired-tags:\n  - Owner: [team]\nmax-comments: 3\nexclude: ['*']\n",
    ),
    "results": (
        (
            '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "tflint", "rules": [{"id": "x"}]}}, "results": '
            '[{"ruleId": "x", "level": "error", "message": {"text": "m"}, "locations": [{"physicalLocation": '
            '{"artifactLocation": {"uri": "a.tf"}, "region": {"startLine": 1}}}]}]}]}'
        ),
    ),
}
SPICE = [
    "\0",
    "\ufeff",
    "\ud7ff",
    "${",
    "%{",
    '"',
    "\\",
    "\r",
    "\n",
    "\t" * 50,
    "(" * 50,
    "<<E\n",
    "9" * 400,
    "../",
    "é",
    "\u202e",
    "@@ ",
]
