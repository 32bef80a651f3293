"""The largest number in each window that slides over a list."""

from collections import deque


def window_maxima(numbers, width):
    if width <= 0:
        raise ValueError("a window holds at least one number")
    waiting = deque()
    maxima = []
    for index, number in enumerate(numbers):
        while waiting and numbers[waiting[-1]] <= number:
            waiting.pop()
        waiting.append(index)
        if waiting[0] < index - width:
            waiting.popleft()
        if index >= width - 1:
            maxima.append(numbers[waiting[0]])
    return maxima
