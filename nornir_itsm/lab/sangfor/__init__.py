"""An application delivery controller that speaks Sangfor AD REST v3 over HTTPS, as strict as a real one."""
