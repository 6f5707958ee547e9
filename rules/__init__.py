"""The rules that dsprep ships, one YAML file each."""
