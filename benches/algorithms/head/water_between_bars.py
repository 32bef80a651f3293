"""How much rain stays between bars of given heights."""


def water_between_bars(heights):
    left, right = 0, len(heights) - 1
    left_top = right_top = 0
    water = 0
    while left < right:
        if heights[left] < heights[right]:
            left_top = max(left_top, heights[left])
            water += left_top - heights[left]
            left += 1
        else:
            right_top = max(left_top, heights[right])
            water += right_top - heights[right]
            right -= 1
    return water
