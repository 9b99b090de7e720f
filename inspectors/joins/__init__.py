"""What happens to tensors where several of them become one."""
