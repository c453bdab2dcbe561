// judge MODEL IMAGE...: a line for every image. libiuf.so.1 has to be where the loader finds it (LD_LIBRARY_PATH).
using System;
using System.Runtime.InteropServices;

/// <summary>The C functions of iuf.h.</summary>
internal static class Native
{
    private const string Library = "libiuf.so.1";
    internal const int AbiVersion = 1;

    [StructLayout(LayoutKind.Sequential)]
    internal struct Summary
    {
        public int Verdict, Width, Height, MapSide;
        public double Score, Threshold, ScaledScore, Confidence, Novelty, MapLow, MapHigh;
        public UIntPtr Regions;
        public IntPtr VerdictName, Object, FitsBetter;
    }

    [DllImport(Library)] internal static extern int iuf_abi_version();
    [DllImport(Library)] internal static extern IntPtr iuf_last_error();
    [DllImport(Library)]
    internal static extern int iuf_model_load([MarshalAs(UnmanagedType.LPUTF8Str)] string path, out IntPtr model);
    [DllImport(Library)] internal static extern void iuf_model_free(IntPtr model);
    [DllImport(Library)]
    internal static extern int iuf_judge_encoded(IntPtr model, byte[] bytes, UIntPtr size,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string? name, out IntPtr judgement);
    [DllImport(Library)] internal static extern void iuf_judgement_free(IntPtr judgement);
    [DllImport(Library)]
    internal static extern int iuf_judgement_summary(IntPtr judgement, out Summary summary, UIntPtr size);

    internal static string Text(IntPtr text) => Marshal.PtrToStringUTF8(text) ?? "";

    internal static void Check(int status)
    {
        if (status != 0) throw new InvalidOperationException(Text(iuf_last_error()));
    }
}

/// <summary>A model, for any number of threads at a time.</summary>
public sealed class Model : SafeHandle
{
    public Model(string path) : base(IntPtr.Zero, true)
    {
        if (Native.iuf_abi_version() != Native.AbiVersion)
            throw new InvalidOperationException("libiuf is not of the version that this program needs");
        Native.Check(Native.iuf_model_load(path, out IntPtr model));
        SetHandle(model);
    }

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        Native.iuf_model_free(handle);
        return true;
    }

    /// <summary>Judges the bytes of an image file, against an object or the one that fits best.</summary>
    public (double Score, string Verdict, string Object) Judge(byte[] image, string? name = null)
    {
        bool kept = false;
        DangerousAddRef(ref kept);
        IntPtr judgement = IntPtr.Zero;
        try
        {
            Native.Check(Native.iuf_judge_encoded(handle, image, (UIntPtr)image.Length, name, out judgement));
            Native.Check(Native.iuf_judgement_summary(judgement, out Native.Summary summary,
                (UIntPtr)Marshal.SizeOf<Native.Summary>()));
            return (summary.Score, Native.Text(summary.VerdictName), Native.Text(summary.Object));
        }
        finally
        {
            Native.iuf_judgement_free(judgement);
            if (kept) DangerousRelease();
        }
    }
}

public static class Program
{
    public static int Main(string[] arguments)
    {
        if (arguments.Length < 2)
        {
            Console.Error.WriteLine("usage: judge MODEL IMAGE...");
            return 2;
        }
        try
        {
            using var model = new Model(arguments[0]);
            foreach (string file in arguments[1..])
            {
                var (score, verdict, name) = model.Judge(System.IO.File.ReadAllBytes(file));
                string exact = score.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
                Console.WriteLine($"{file},{exact},{verdict},{name}");
            }
            return 0;
        }
        catch (Exception error)
        {
            Console.Error.WriteLine($"judge: {error.Message}");
            return 1;
        }
    }
}
